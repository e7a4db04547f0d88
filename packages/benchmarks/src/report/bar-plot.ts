import type { Measured } from './results.ts';
import { wallOf, workloadsOf } from './rows.ts';
import { colourOf, document, label, round } from './svg.ts';

const width = 900;
const left = 190;
const right = 110;
const barHeight = 16;
const headHeight = 34;

/** Wall time of each engine at each workload as an SVG file: bars for medians, lines from the fastest to the slowest run. */
export function barPlot(results: Measured): string {
  const parts: string[] = [];
  let y = 20;
  for (const workload of workloadsOf(results)) {
    const measured = results.measurements.filter((measurement) => measurement.workload === workload);
    const longest = Math.max(...measured.map((measurement) => wallOf(measurement).max));
    const scale = (width - left - right) / (longest === 0 ? 1 : longest);
    parts.push(label(16, y, `(${workload}) ${measured[0]?.title ?? ''}`, 14));
    for (const [row, measurement] of measured.entries()) {
      const top = y + 8 + row * (barHeight + 4);
      const middle = top + barHeight / 2;
      const { median, min, max } = wallOf(measurement);
      const engine = results.engines.findIndex(({ name }) => name === measurement.engine);
      parts.push(
        label(left - 8, top + 12, measurement.engine, 12, 'end'),
        `<rect x="${left}" y="${round(top)}" width="${round(median * scale)}" height="${barHeight}" fill="${colourOf(engine)}"/>`,
        `<line x1="${round(left + min * scale)}" x2="${round(left + max * scale)}" y1="${round(middle)}" y2="${round(middle)}" stroke="#222222"/>`,
        label(left + max * scale + 6, top + 12, `${median.toFixed(2)} s`),
      );
    }
    y += headHeight + measured.length * (barHeight + 4);
  }
  return document(width, y, parts);
}
