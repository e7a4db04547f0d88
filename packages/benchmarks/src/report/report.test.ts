import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { growthPlot } from './growth-plot.ts';
import type { Results } from './results.ts';
import { floorTable, workloadTables } from './rows.ts';
import { joinResults, mergeResults } from './join-results.ts';
import { writeSection } from './write-document.ts';

const run = (wall: number) => ({
  wall_seconds: wall,
  user_seconds: wall,
  system_seconds: 1,
  peak_memory_bytes: 100e6,
  stored_bytes: 5e6,
});
const measured = (workload: string, engine: string, walls: readonly number[]) => ({
  workload,
  title: 'a title',
  engine,
  runs: walls.map(run),
  verified: '',
});
const results: Results = {
  measured_at: '2026-01-02T03:04:05.000Z',
  machine: { processor: 'CPU', cores: 2, memory_bytes: 2 ** 34, system: 'Linux 6', node: 'v24', file_system: 'ext4' },
  settings: { scale: 1, runs: 3, warmups: 1, seed: 's', data: 'generated', verify: 'each' },
  engines: [{ name: 'backupctl 1' }, { name: 'restic 2' }],
  floors: [
    {
      workload: 'a',
      files: 1,
      bytes: 1,
      compressed_bytes: 1,
      parts: [
        { name: 'read', seconds: 0.5 },
        { name: 'zstd', seconds: 1.1 },
      ],
    },
  ],
  measurements: [
    measured('a', 'backupctl 1', [3, 1, 2]),
    measured('a', 'restic 2', [3, 4, 5]),
    measured('files 10', 'backupctl 1', [1]),
    measured('files 100', 'backupctl 1', [10]),
  ],
};

it('puts medians, extremes and the ratio to each peer into a table', () => {
  expect(workloadTables(results)[0]?.rows).toEqual([
    ['backupctl 1', '2.00 (1.00–3.00)', '3.00 (2.00–4.00)', '100 (100–100)', '5.0 (5.0–5.0)', ''],
    ['restic 2', '4.00 (3.00–5.00)', '5.00 (4.00–6.00)', '100 (100–100)', '5.0 (5.0–5.0)', '2.00 x'],
  ]);
});

it('says how near ours comes to what the machine needs', () => {
  expect(floorTable(results)?.rows).toEqual([['(a)', '0.50', '1.10', '1.60', '2.00', '80 %']]);
});

it('plots cost that stays as a flat line', () => {
  const points = /<polyline points="([^"]*)"/.exec(growthPlot(results))?.[1]?.split(' ') ?? [];
  expect(points).toHaveLength(2);
  expect(new Set(points.map((point) => point.split(',')[1])).size).toBe(1);
});

it('writes into its part of a document and leaves the rest', () => {
  const path = join(temporaryDirectoryForTest('document'), 'document.md');
  writeFileSync(path, 'before\n\n<!-- results -->\nold\n<!-- end of results -->\n\nafter\n');
  writeSection(path, 'results', [{ tables: workloadTables(results), results }]);
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(
    /^before\n\n<!-- results -->\n\nMeasured 2026-01-02 on CPU, 2 cores[^]*\n<!-- end of results -->\n\nafter\n$/,
  );
  expect(text).not.toContain('old');
  expect(() => {
    writeSection(path, 'growth', []);
  }).toThrow(/has no lines/);
});

it('keeps of earlier results what was not measured again', () => {
  const one = { ...results, measurements: [measured('a', 'backupctl 1', [1]), measured('b', 'backupctl 1', [1])] };
  const again = { ...one, measurements: [measured('a', 'borg 1', [3])], engines: [{ name: 'borg 1' }], floors: [] };
  const joined = joinResults([one], again);
  expect(joined).toEqual([again, { ...one, measurements: one.measurements.slice(1), floors: [] }]);
  expect(mergeResults(joined).engines).toEqual([{ name: 'borg 1' }, ...one.engines]);
  expect(joinResults(joined, one)).toEqual([one]);
});
