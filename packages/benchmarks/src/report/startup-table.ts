import type { Spread } from '../measure/measurement.ts';
import type { Startup } from '../startup/measure-startup.ts';
import type { Table } from './rows.ts';

/** Start-up times and sizes as tables. */
export function startupTables({ agent_first_byte_ms, functions, bundles }: Startup): Table[] {
  const times = [
    ['agent: process to first byte read', spread(agent_first_byte_ms)],
    ...functions.flatMap((measured) => [
      [`${measured.name}: load to first answer`, spread(measured.load_to_answer_ms)],
      [`${measured.name}: process to first answer`, spread(measured.process_to_answer_ms)],
    ]),
  ];
  const sizes = bundles.map(({ name, code_bytes }) => [name, (code_bytes / 1024).toFixed(0)]);
  return [
    {
      title: 'Start-up with a catalog in SQLite: the agent again, the functions cold',
      header: ['what', 'ms'],
      rows: times,
    },
    { title: 'Size of the bundles', header: ['bundle', 'code KiB'], rows: sizes },
  ];
}

function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
}
