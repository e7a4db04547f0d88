import { readFileSync, writeFileSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Results } from './results.ts';
import type { Table } from './rows.ts';
import { tableText } from './table-text.ts';

/** Tables, and the run that they are of; null for one that is not described. */
export interface DocumentPart {
  readonly tables: readonly Table[];
  readonly results: Results | null;
}

/**
 * Writes tables into a Markdown file, in place of what stands between `<!-- NAME -->` and `<!-- end of NAME -->`. The
 * machine and the time are named above those of each run. Throws BENCHMARK_FAILED when the file has no such lines.
 */
export function writeSection(path: string, name: string, parts: readonly DocumentPart[]): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new PlatformError('BENCHMARK_FAILED', `${path} has no lines ${start} and ${end} to write between`);
  }
  const written = parts.flatMap(({ tables, results }) => [
    ...(results === null ? [] : [`${describe(results)}\n`]),
    ...tables.map((table) => tableText({ ...table, title: `**${table.title}**` })),
  ]);
  const content = written.join('\n');
  writeFileSync(path, `${text.slice(0, from)}${start}\n\n${content}\n${text.slice(to)}`);
}

function describe({ machine, measured_at, settings }: Results): string {
  const { processor, cores, memory_bytes, system, node, file_system } = machine;
  const hardware = `${processor}, ${cores} cores, ${Math.round(memory_bytes / 2 ** 30)} GiB, ${file_system}`;
  const { scale, runs, warmups, seed } = settings;
  const how = `Scale ${scale}, ${runs} runs after ${warmups} that do not count, seed \`${seed}\``;
  return `Measured ${measured_at.slice(0, 10)} on ${hardware}; ${system}, Node ${node}. ${how}.`;
}
