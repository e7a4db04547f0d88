import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutFolder } from '../src/platform/checkout.ts';
import { objectsOf, runBackupctl, type Ran } from './run-backupctl.ts';

let directory: TemporaryDirectory;
let folder: string;
let repository: string;

const on = (...args: readonly string[]): Promise<Ran> =>
  runBackupctl(['repository', ...args, '--repository', repository, '--password-file', join(folder, 'password')], {
    cwd: folder,
  });
const snapshots = (): string[] => readdirSync(join(repository, 'snapshots'));

beforeAll(async () => {
  directory = temporaryDirectory('cli-forget');
  folder = directory.path;
  repository = join(folder, 'repository');
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(folder, 'password'), 'correct horse');
  expect(await on('init')).toMatchObject({ status: 0 });
  for (let day = 0; day < 3; day += 1) {
    writeFileSync(join(source, 'changing'), randomBytes(50_000));
    expect(await on('backup', 'source', '--tag', `day-${day}`)).toMatchObject({ status: 0 });
  }
});

afterAll(() => {
  directory.remove();
});

describe('backupctl repository forget and prune', () => {
  it('refuse no rule, a wrong one, and options that exclude each other', async () => {
    const none = await on('forget');
    expect(none).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error FORGET_POLICY_EMPTY: /) as unknown });
    const wrong = await on('forget', '--keep-within', '1x');
    expect(wrong).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--keep-within must be a duration') as unknown,
    });
    expect(await on('forget', '--keep-last', '0')).toMatchObject({ status: 2 });
    expect(await on('forget', '--keep-last', '1', '--group-by', 'size')).toMatchObject({ status: 2 });
    expect(await on('forget', '--keep-last', '1', '--dry-run', '--apply')).toMatchObject({ status: 2 });
    expect(await on('prune', '--grace', 'long')).toMatchObject({ status: 2 });
    const emptied = await on('forget', '--keep-tag', 'no-such-tag', '--apply');
    expect(emptied).toMatchObject({ status: 5, stderr: expect.stringMatching(/^error HISTORY_EMPTIED: /) as unknown });
    expect(snapshots()).toHaveLength(3);
  });

  it('show a plan, keep it in a file, and remove only what is applied', async () => {
    const planned = await on('forget', '--keep-last', '1', '--plan', 'plan.json');
    expect(planned).toMatchObject({ status: 0 });
    expect(planned.stdout).toContain('1 snapshot to keep, 2 to remove.');
    expect(planned.stdout).toContain('Nothing was removed. The plan is in plan.json.');
    expect(snapshots()).toHaveLength(3);
    expect(await on('forget', '--keep-last', '1', '--apply', '--plan', 'plan.json')).toMatchObject({ status: 2 });
    const applied = await on('forget', '--apply', '--plan', 'plan.json', '--json');
    expect(objectsOf(applied).at(-1)).toMatchObject({ forget: { put_off: [], gone_before: [] } });
    expect(snapshots()).toHaveLength(1);
  });

  it('mark what is not needed, and delete it after the grace', async () => {
    const packs = () =>
      readdirSync(join(repository, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
        .length;
    const before = packs();
    const dry = await on('prune', '--dry-run');
    expect(dry).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing was changed.') as unknown });
    const first = await on('prune', '--max-unused', '0%', '--json');
    expect(objectsOf(first).at(-1)).toMatchObject({ prune: { packs_deleted: 0, packs_marked: 4 } });
    expect(packs()).toBeGreaterThanOrEqual(before);
    const second = await on('prune', '--grace', '0s', '--json');
    expect(objectsOf(second).at(-1)).toMatchObject({ prune: { packs_deleted: 4, put_off: [] } });
    expect(packs()).toBe(2);
    expect(await on('prune')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('There is nothing to do.') as unknown,
    });
    expect(await on('check', '--read-data')).toMatchObject({ status: 0 });
  });
});

it('the commands of docs/repository-prune.md work as they stand', async () => {
  const text = readFileSync(join(checkoutFolder, 'docs/repository-prune.md'), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('backupctl repository '));
  expect(lines).toHaveLength(4);
  writeFileSync(join(folder, 'password.txt'), 'correct horse');
  rmSync(join(folder, 'plan.json'));
  for (const line of lines) {
    const args = line.replaceAll('/var/backups/documents', repository).split(' ').slice(1);
    expect(await runBackupctl(args, { cwd: folder }), line).toMatchObject({ status: 0 });
  }
});
