import type { Measurement } from '../measure/measurement.ts';
import type { Measured } from './results.ts';
import { wallOf } from './rows.ts';
import { colourOf, document, label, round } from './svg.ts';

const width = 900;
const panelHeight = 260;
const left = 80;
const right = 170;
const top = 40;
const bottom = 40;

const panels = [
  { prefix: 'files ', title: 'milliseconds a file, by number of files', factor: 1000 },
  { prefix: 'GB ', title: 'seconds a GB, by size of the file in GB', factor: 1 },
];

interface Point {
  readonly amount: number;
  readonly cost: number;
}

/** Cost of a first backup for each file and for each GB as work grows, as an SVG file; flat lines mean that it stays. */
export function growthPlot(results: Measured): string {
  const parts = panels.flatMap(({ prefix, title, factor }, panel) => {
    const lines = results.engines
      .map(({ name }, number) => ({ name, number, points: pointsOf(results.measurements, name, prefix, factor) }))
      .filter(({ points }) => points.length > 0);
    return drawPanel(title, panel * (panelHeight + 20), lines);
  });
  return document(width, panels.length * (panelHeight + 20), parts);
}

function pointsOf(measurements: readonly Measurement[], engine: string, prefix: string, factor: number): Point[] {
  return measurements
    .filter((measurement) => measurement.engine === engine && measurement.workload.startsWith(prefix))
    .map((measurement) => {
      const amount = Number(measurement.workload.slice(prefix.length));
      return { amount, cost: (wallOf(measurement).median / amount) * factor };
    });
}

function drawPanel(
  title: string,
  offset: number,
  lines: readonly { readonly name: string; readonly number: number; readonly points: readonly Point[] }[],
): string[] {
  const all = lines.flatMap(({ points }) => points);
  const amounts = [...new Set(all.map(({ amount }) => amount))].sort((first, second) => first - second);
  const highest = Math.max(...all.map(({ cost }) => cost), 0) * 1.1 || 1;
  const low = Math.log(amounts.at(0) ?? 1);
  const span = Math.log(amounts.at(-1) ?? 1) - low || 1;
  const xOf = (amount: number) => left + ((Math.log(amount) - low) / span) * (width - left - right);
  const floor = offset + panelHeight - bottom;
  const yOf = (cost: number) => floor - (cost / highest) * (panelHeight - top - bottom);
  const parts = [
    label(16, offset + 20, title, 14),
    `<path d="M ${left} ${offset + top} V ${floor} H ${width - right}" fill="none" stroke="#222222"/>`,
    label(left - 8, floor, '0', 12, 'end'),
    label(left - 8, yOf(highest / 1.1) + 4, (highest / 1.1).toPrecision(3), 12, 'end'),
    ...amounts.map((amount) => label(xOf(amount), floor + 18, amount.toLocaleString('en'), 12, 'middle')),
  ];
  for (const { name, number, points } of lines) {
    const path = points.map(({ amount, cost }) => `${round(xOf(amount))},${round(yOf(cost))}`).join(' ');
    const last = points.at(-1);
    parts.push(`<polyline points="${path}" fill="none" stroke="${colourOf(number)}" stroke-width="2"/>`);
    for (const { amount, cost } of points) {
      parts.push(`<circle cx="${round(xOf(amount))}" cy="${round(yOf(cost))}" r="3" fill="${colourOf(number)}"/>`);
    }
    if (last !== undefined) parts.push(label(xOf(last.amount) + 8, yOf(last.cost) + 4, name));
  }
  return parts;
}
