import type { Floor } from '../floor/floor.ts';
import { spreadOf, type Measurement, type Run, type Spread } from '../measure/measurement.ts';
import type { Measured, Results } from './results.ts';

/** A table: its header and its lines, all of text. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const header = ['engine', 'wall s', 'CPU s', 'memory MB', 'stored MB', 'ours is … times as fast'];

/** One table for each workload: medians, with the smallest and largest figure in brackets. */
export function workloadTables(results: Measured): Table[] {
  return workloadsOf(results).map((workload) => {
    const measured = results.measurements.filter((measurement) => measurement.workload === workload);
    const own = measured.find(({ engine }) => engine === results.engines[0]?.name);
    const rows = measured.map((measurement) => [
      measurement.engine,
      spread(measurement, ({ wall_seconds }) => wall_seconds, 2),
      spread(measurement, cpuSeconds, 2),
      spread(measurement, ({ peak_memory_bytes }) => peak_memory_bytes / 1e6, 0),
      spread(measurement, ({ stored_bytes }) => stored_bytes / 1e6, 1),
      own === undefined || own === measurement ? '' : `${ratio(own, measurement).toFixed(2)} x`,
    ]);
    return { title: `(${workload}) ${measured[0]?.title ?? ''}`, header, rows };
  });
}

/** What the machine needs for the same bytes, and how near ours comes. */
export function floorTable(results: Results): Table | null {
  if (results.floors.length === 0) return null;
  const names = results.floors[0]?.parts.map(({ name }) => name) ?? [];
  const rows = results.floors.map((floor) => {
    const own = results.measurements.find(
      ({ workload, engine }) => workload === floor.workload && engine === results.engines[0]?.name,
    );
    const wall = own === undefined ? null : wallOf(own).median;
    return [
      `(${floor.workload})`,
      ...floor.parts.map(({ seconds }) => seconds.toFixed(2)),
      secondsOf(floor).toFixed(2),
      wall === null ? '' : wall.toFixed(2),
      wall === null ? '' : `${((secondsOf(floor) / wall) * 100).toFixed(0)} %`,
    ];
  });
  return {
    title: 'What this machine needs for the same bytes, in seconds',
    header: ['workload', ...names, 'sum', 'ours', 'share'],
    rows,
  };
}

/** Workloads in the order in which they were measured. */
export function workloadsOf({ measurements }: Pick<Measured, 'measurements'>): string[] {
  return [...new Set(measurements.map(({ workload }) => workload))];
}

/** Seconds of all parts of a floor together. */
export function secondsOf({ parts }: Floor): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Wall seconds of the runs. */
export function wallOf({ runs }: Measurement): Spread {
  return spreadOf(runs.map(({ wall_seconds }) => wall_seconds));
}

/** How many times as long as ours another engine took, by the medians of the wall time. */
export function ratio(own: Measurement, other: Measurement): number {
  return wallOf(other).median / wallOf(own).median;
}

const cpuSeconds = ({ user_seconds, system_seconds }: Run): number => user_seconds + system_seconds;

function spread({ runs }: Measurement, figure: (run: Run) => number, digits: number): string {
  const { median, min, max } = spreadOf(runs.map(figure));
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
