import { compareFolders } from '@enterprise-backup/sources/compare-folders';
import { freePort } from '@enterprise-backup/test-support/free-port';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentPids, isRunning, makeData, makeSource, nextCommands } from './platform-in-test.ts';
import { expectError, objectsOf, runBackupctl, startBackupctl, type Ran } from './run-backupctl.ts';

let directory: TemporaryDirectory;
let folder: string;
let source: string;
let untouched: string;
let data: string;

beforeAll(() => {
  directory = temporaryDirectory('cli-start');
  folder = directory.path;
  source = join(folder, 'my documents');
  untouched = join(folder, 'as-it-was');
  data = join(folder, 'data');
  makeSource(source);
  execFileSync('cp', ['-a', source, untouched]);
  makeData(data);
});

afterAll(() => {
  directory.remove();
});

const startOnce = (...args: readonly string[]): Promise<Ran> =>
  runBackupctl(['start', '--once', '--port', '0', '--data', data, '--source', source, ...args], { cwd: folder });

describe('start --once', () => {
  it('shows everything, names commands that work without the platform, and leaves the source as it was', async () => {
    const ran = await startOnce();
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain('The platform has stopped.');
    expect((await compareFolders(untouched, source)).differences).toEqual([]);
    expect((await compareFolders(source, join(data, 'recovered/backup-3'))).differences).toEqual([]);
    expect(agentPids(data).filter(isRunning)).toEqual([]);

    const commands = nextCommands(ran.stdout);
    expect(commands).toHaveLength(3);
    for (const command of commands.filter((line) => !line.startsWith('restic') || hasTool('restic'))) {
      await promisify(execFile)('/bin/sh', ['-c', command], { cwd: folder });
    }
    expect((await compareFolders(source, join(data, 'recovered/by-hand'))).differences).toEqual([]);
  });

  it('goes on with the same data, as JSON lines and with a target of the person, in which nothing is overwritten', async () => {
    const target = join(folder, 'my target');
    mkdirSync(join(target, 'backup-6'), { recursive: true });
    writeFileSync(join(target, 'backup-6', 'mine'), 'mine');
    const ran = await startOnce('--target', target, '--json');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const objects = objectsOf(ran);
    const steps = objects.flatMap(({ step }) => (step === undefined ? [] : [(step as { name: string }).name]));
    expect(steps).toEqual([
      ...['full backup', 'incremental backup', 'differential backup', 'recovery', 'comparison', 'check'],
    ]);
    const summary = objects.find((object) => 'summary' in object);
    const { steps: rows } = summary?.['summary'] as { steps: { what: string; bytes_stored: number }[] };
    // All content is there already; only the folders above the source have changed.
    expect(rows[0]).toMatchObject({ what: 'full backup', files: 22 });
    expect(rows[0]?.bytes_stored).toBeLessThan(5000);
    expect(readdirSync(join(target, 'backup-6'))).toEqual(['mine']);
    expect((await compareFolders(source, join(target, 'backup-6-2'))).differences).toEqual([]);
  });
});

describe('start refuses, and starts nothing', () => {
  const fresh = (): string => join(folder, 'never-made');

  it.each([
    ['a source that does not exist', 8, 'SOURCE_MISSING', () => ['--source', join(folder, 'none')]],
    [
      'a target inside the source',
      2,
      'TARGET_INSIDE_SOURCE',
      () => ['--source', source, '--target', join(source, 'x')],
    ],
    ['a port that is none', 2, 'CLI_USAGE', () => ['--source', source, '--port', '65536']],
  ] as const)('%s', async (_what, status, code, args) => {
    const ran = await runBackupctl(['start', '--once', '--data', fresh(), ...args()]);
    expectError(ran, status, code);
    expect(existsSync(fresh())).toBe(false);
  });

  it('a data folder inside the source', async () => {
    expectError(
      await runBackupctl(['start', '--source', source, '--data', join(source, 'data')]),
      2,
      'DATA_INSIDE_SOURCE',
    );
    expect(existsSync(join(source, 'data'))).toBe(false);
  });

  it('a port that is in use', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const ran = await runBackupctl(['start', '--once', '--data', data, '--source', source, '--port', String(port)]);
    server.close();
    expectError(ran, 5, 'PORT_IN_USE');
  });
});

describe('start ends with what is wrong with the repository', () => {
  const secretFile = (): string => join(data, 'secrets/repository-password');
  const config = (): string => join(data, 'repository/config');

  it.each([
    ['a wrong password', 7, 'PASSWORD_WRONG', secretFile, 'wrong-password\n'],
    ['a password file that others may read', 7, 'SECRET_EXPOSED', secretFile, null],
    ['a damaged config', 4, 'CONFIG_DAMAGED', config, 'nonsense'],
  ] as const)('%s', async (_what, status, code, place, content) => {
    const path = place();
    renameSync(path, `${path}.right`);
    writeFileSync(path, content ?? readFileSync(`${path}.right`), { mode: content === null ? 0o644 : 0o600 });
    const ran = await startOnce();
    renameSync(`${path}.right`, path);
    expectError(ran, status, code);
    expect(ran.stdout + ran.stderr).not.toContain(readFileSync(secretFile(), 'utf8').trim());
    expect(ran.stdout + ran.stderr).not.toContain('wrong-password');
    expect(agentPids(data).filter(isRunning)).toEqual([]);
  });

  it('its password is gone', async () => {
    renameSync(secretFile(), `${secretFile()}.away`);
    const ran = await startOnce();
    renameSync(`${secretFile()}.away`, secretFile());
    expectError(ran, 7, 'SECRET_MISSING');
  });
});

describe('Ctrl-C', () => {
  it('in the middle of the work ends with 130 and leaves no process; the next start finishes what was begun', async () => {
    const own = join(folder, 'interrupted');
    makeData(own);
    const args = ['start', '--once', '--port', '0', '--data', own, '--source', source];
    const running = startBackupctl(args);
    await running.waitFor('ok full backup');
    running.child.kill('SIGINT');
    const ran = await running.ended;
    expectError(ran, 130, 'CANCELLED');
    expect(agentPids(own).filter(isRunning)).toEqual([]);
    expect(existsSync(join(own, 'endpoint.json'))).toBe(false);
    expect(await runBackupctl(args)).toMatchObject({ status: 0 });
  });
});
