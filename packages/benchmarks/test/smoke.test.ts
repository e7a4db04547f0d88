import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasTool, toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import type { Results } from '../src/report/results.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const node = ['--disable-warning=ExperimentalWarning', main];

it('measures ours, and restic where it is, on tiny data, and verifies what they made', async () => {
  const work = temporaryDirectoryForTest('benchmark');
  const restic = toolPath('restic');
  const path = [process.env['PATH'] ?? '', ...(restic === undefined ? [] : [join(restic, '..')])].join(':');
  const args = [
    '--work',
    work,
    '--scale',
    '0.0002',
    '--runs',
    '1',
    '--warmups',
    '0',
    '--workload',
    'a,g',
    '--peers',
    'restic',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, ...args], { env: { PATH: path } });

  expect(stdout).toMatch(/^\(a\) first backup of many small files$/m);
  expect(stdout).toMatch(
    /^\| engine +\| wall s +\| CPU s +\| memory MB +\| stored MB +\| ours is … times as fast \|$/m,
  );
  expect(stdout).toMatch(/^\| \(a\) .* %/m);
  const results = JSON.parse(readFileSync(join(work, 'results/results.json'), 'utf8')) as Results;
  expect(results.machine.cores).toBeGreaterThan(0);
  expect(results.engines[0]?.name).toMatch(/^backupctl /);
  expect(results.engines.some(({ name }) => name.startsWith('restic '))).toBe(hasTool('restic'));
  expect(results.floors.map(({ workload, bytes }) => [workload, bytes > 0])).toEqual([['a', true]]);
  expect([...new Set(results.measurements.map(({ workload }) => workload))]).toEqual(['a', 'g']);
  for (const { engine } of results.measurements) expect(results.engines).toContainEqual({ name: engine });
  for (const { runs, verified, workload } of results.measurements) {
    expect(verified, workload).toMatch(
      workload === 'a' ? /^[1-9]\d* files restored by .+ and compared/ : /^the file compared$/,
    );
    expect(runs).toHaveLength(1);
    for (const run of runs) {
      expect(run.wall_seconds).toBeGreaterThan(0);
      expect(run.user_seconds).toBeGreaterThan(0);
      expect(run.peak_memory_bytes).toBeGreaterThan(10_000_000);
      expect(run.stored_bytes).toBeGreaterThan(10_000);
    }
  }
  expect(readFileSync(join(work, 'results/results.svg'), 'utf8')).toMatch(/^<svg [^]*<rect [^]*<\/svg>\n$/);
});

it('refuses what it does not know, with a code', async () => {
  const run = promisify(execFile)(process.execPath, [...node, '--workload', 'z']);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('error CLI_USAGE: --workload') as string,
  });
});
