import { compareFolders } from '@enterprise-backup/sources/compare-folders';
import { makeOddTree } from '@enterprise-backup/test-support/odd-tree';
import { hasTool, toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError, objectsOf, program, runBackupctl, type Ran } from './run-backupctl.ts';

const secret = 'correct horse';

let directory: TemporaryDirectory;
let folder: string;
let source: string;
let repository: string;
let passwordFile: string;

const on = (...args: readonly string[]): Promise<Ran> =>
  runBackupctl(['repository', ...args, '--repository', repository, '--password-file', passwordFile], { cwd: folder });

beforeAll(async () => {
  directory = temporaryDirectory('cli-repository');
  folder = directory.path;
  source = join(folder, 'source');
  repository = join(folder, 'repository');
  passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, ` ${secret}\r\n`);
  await makeOddTree(source, { seed: 7 });
  expect(await on('init')).toMatchObject({ status: 0 });
});

afterAll(() => {
  directory.remove();
});

describe('backupctl repository', () => {
  it('backs a folder up, and the second time reads nothing', async () => {
    const first = await on('backup', 'source', '--tag', 'first', '--json');
    expect(first.status).toBe(0);
    const { backup } = objectsOf(first).at(-1) as { backup: { files_new: number; bytes_read: number } };
    expect(backup.files_new).toBeGreaterThan(10);
    const second = await on('backup', 'source', '--json');
    expect(objectsOf(second).at(-1)).toMatchObject({ backup: { files_new: 0, files_changed: 0, bytes_read: 0 } });
    const full = await on('backup', 'source', '--full', '--json');
    expect(objectsOf(full).at(-1)).toMatchObject({ backup: { bytes_read: backup.bytes_read } });
  });

  it('lists snapshots and what they hold, without letting a name steer the terminal', async () => {
    const snapshots = await on('snapshots');
    expect(snapshots.stdout.split('\n')[0]).toMatch(/^snapshot +time +host +paths +tags$/);
    expect(snapshots.stdout).toContain('first');
    const listed = await on('ls', 'latest', source, '--long');
    expect(listed.status).toBe(0);
    expect(listed.stdout).toMatch(/^[-dlpbc][-rwxsStT]{9} /m);
    expect(listed.stdout.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    const nodes = objectsOf(await on('ls', 'latest', source, '--json'));
    expect(nodes).toHaveLength(listed.stdout.trimEnd().split('\n').length);
  });

  it('restores a folder exactly, and tells beforehand what it would restore', async () => {
    const target = join(folder, 'restored');
    const dry = await on('restore', 'latest', '--folder', source, '--target', target, '--dry-run', '--json');
    expect(objectsOf(dry).at(-1)).toMatchObject({ restore: { dry_run: true, files_written: 0 } });
    expect(existsSync(target)).toBe(false);
    const restored = await on('restore', 'latest', '--folder', source, '--target', target);
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.stdout).toContain(`Restored to ${target}.`);
    expect((await compareFolders(source, target)).differences).toEqual([]);
  });

  it('checks every byte', async () => {
    const checked = await on('check', '--read-data');
    expect(checked).toMatchObject({ status: 0 });
    expect(checked.stdout).toMatch(/^No errors found\. 3 snapshots, /m);
  });

  it.skipIf(!hasTool('restic'))(
    'reads the password file as restic does, and leaves a repository that restic checks',
    () => {
      const args = ['-r', repository, '--password-file', passwordFile, '--no-cache', 'check', '--read-data'];
      expect(execFileSync(toolPath('restic') ?? 'restic', args, { encoding: 'utf8' })).toContain(
        'no errors were found',
      );
    },
  );

  it('ends quietly when the reader of its output has gone', async () => {
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        `'${program}' repository ls latest --repository '${repository}' --password-file '${passwordFile}' | head -1`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    child.stdout.resume();
    await once(child, 'close');
    expect(stderr).toBe('');
  });
});

describe('backupctl repository refuses', () => {
  const wrong = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const withPassword = (file: string): Promise<Ran> =>
    runBackupctl(['repository', 'snapshots', '--repository', repository, '--password-file', file]);

  it('a wrong password, with status 7, and shows none', async () => {
    const ran = await withPassword(wrong('wrong-password', 'battery staple'));
    expectError(ran, 7, 'PASSWORD_WRONG');
    expect(ran.stderr).not.toMatch(/battery|horse/);
  });

  it('no password, an empty file and an absent one, with status 7', async () => {
    const without = await runBackupctl(['repository', 'snapshots', '--repository', repository]);
    for (const ran of [without, await withPassword(wrong('empty', '\n')), await withPassword(join(folder, 'absent'))]) {
      expectError(ran, 7, 'PASSWORD_MISSING');
    }
  });

  it('a place without a repository, with status 3', async () => {
    const ran = await runBackupctl([
      ...['repository', 'check', '--repository', join(folder, 'none'), '--password-file', passwordFile],
    ]);
    expectError(ran, 3, 'REPOSITORY_NOT_FOUND');
  });

  it('to make a repository where there is one, with status 5', async () => {
    const before = readFileSync(join(repository, 'config'));
    expectError(await on('init'), 5, 'REPOSITORY_EXISTS');
    expect(readFileSync(join(repository, 'config'))).toEqual(before);
  });

  it('an unknown snapshot and an unknown folder in one, with status 3', async () => {
    const target = join(folder, 'never');
    const unknown = await on('restore', 'ffffffff', '--target', target);
    expectError(unknown, 3, 'SNAPSHOT_NOT_FOUND');
    const noFolder = await on('restore', 'latest', '--folder', '/none', '--target', target);
    expectError(noFolder, 3, 'SNAPSHOT_PATH_NOT_FOUND');
    expect(existsSync(target)).toBe(false);
  });

  it('a source that is missing or empty, with status 8', async () => {
    mkdirSync(join(folder, 'empty-source'));
    const missing = await on('backup', 'no-such-source');
    expectError(missing, 8, 'SOURCE_MISSING');
    const empty = await on('backup', 'empty-source');
    expectError(empty, 8, 'SOURCE_EMPTY');
    expect(await on('backup', 'empty-source', '--allow-empty')).toMatchObject({ status: 0 });
  });

  it('a source that holds the repository, and a target in it', async () => {
    const inside = await on('backup', '.');
    expectError(inside, 2, 'REPOSITORY_INSIDE_SOURCE');
    const target = await on('restore', 'latest', '--target', join(repository, 'data/x'));
    expectError(target, 2, 'TARGET_INSIDE_REPOSITORY');
  });

  it('a target that is a file, with status 8', async () => {
    const file = wrong('a-file', 'mine');
    expect(await on('restore', 'latest', '--target', file)).toMatchObject({ status: 8 });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('a damaged repository', () => {
  const damaged = async (name: string, damage: (copy: string) => void, args: readonly string[]): Promise<Ran> => {
    const copy = join(folder, name);
    await cp(repository, copy, { recursive: true });
    damage(copy);
    return runBackupctl(['repository', ...args, '--repository', copy, '--password-file', passwordFile]);
  };

  it('with a damaged config is refused with CONFIG_DAMAGED and status 4', async () => {
    const ran = await damaged('bad-config', (copy) => writeFileSync(join(copy, 'config'), 'nonsense'), ['snapshots']);
    expectError(ran, 4, 'CONFIG_DAMAGED');
  });

  it('with a missing pack ends a check with FINDINGS and status 4, also as JSON', async () => {
    const removePack = (copy: string): void => {
      const [some = ''] = readdirSync(join(copy, 'data')).filter(
        (name) => readdirSync(join(copy, 'data', name)).length > 0,
      );
      rmSync(join(copy, 'data', some), { recursive: true });
    };
    const ran = await damaged('no-pack', removePack, ['check']);
    expectError(ran, 4, 'FINDINGS');
    expect(ran.stdout).toMatch(/^error [A-Z_]+: /m);
    const asJson = await damaged('no-pack-json', removePack, ['check', '--json']);
    expect(asJson).toMatchObject({ status: 4, stderr: '' });
    expect(objectsOf(asJson).at(-1)).toMatchObject({ error: { code: 'FINDINGS' } });
    expect(objectsOf(asJson).at(-2)).toMatchObject({ check: { findings: expect.arrayContaining([]) as unknown } });
  });

  it('with a changed byte is found by --read-data', async () => {
    const flipByte = (copy: string): void => {
      const packs = readdirSync(join(copy, 'data'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      // The largest holds file content; a change in a tree is found without reading the data, too.
      const [largest = ''] = packs.sort((left, right) => statSync(right).size - statSync(left).size);
      const bytes = readFileSync(largest);
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      writeFileSync(largest, bytes);
    };
    expect(await damaged('flipped', flipByte, ['check'])).toMatchObject({ status: 0 });
    expect(await damaged('flipped-read', flipByte, ['check', '--read-data'])).toMatchObject({ status: 4 });
  });
});
