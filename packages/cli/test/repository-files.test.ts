import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { motoAbsence, startMotoServer, type MotoServer } from '@enterprise-backup/test-support/moto-server';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkoutFolder } from '../src/platform/checkout.ts';
import { cheapPassword, plantCheapKey } from './cheap-key.ts';
import { expectError, objectsOf, program, runBackupctl, type Ran } from './run-backupctl.ts';

let directory: TemporaryDirectory;
let folder: string;
let source: string;
let passwordFile: string;
let repository: string;

const run = (location: string, args: readonly string[]): Promise<Ran> =>
  runBackupctl(['repository', ...args, '--repository', location, '--password-file', passwordFile], { cwd: folder });
const on = (...args: readonly string[]): Promise<Ran> => run(repository, args);
const finding = (...args: readonly string[]): Promise<Ran> => on(...args, '--cache-folder', join(folder, 'cache'));

beforeAll(async () => {
  directory = temporaryDirectory('cli-files');
  folder = directory.path;
  source = join(folder, 'source');
  repository = join(folder, 'repository');
  passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, cheapPassword);
  mkdirSync(join(source, 'inner'), { recursive: true });
  writeFileSync(join(source, 'a.txt'), 'first');
  writeFileSync(join(source, 'inner/b.log'), 'log '.repeat(1000));
  plantCheapKey(repository);
  expect(await on('init')).toMatchObject({ status: 0 });
  expect(await on('backup', 'source')).toMatchObject({ status: 0 });
  writeFileSync(join(source, 'a.txt'), 'second');
  writeFileSync(join(source, 'c.txt'), 'new');
  expect(await on('backup', 'source')).toMatchObject({ status: 0 });
});

afterAll(() => {
  directory.remove();
});

describe('backupctl repository', () => {
  it('finds files in all snapshots', async () => {
    const found = await finding('find', '*.txt');
    expect(found).toMatchObject({ status: 0 });
    expect(found.stdout.trim().split('\n')).toHaveLength(4);
    const large = objectsOf(await finding('find', '--larger', '1K', '--json'));
    expect(large).toMatchObject([{ version: { path: join(source, 'inner/b.log'), size: 4000 } }]);
    expect(await finding('find', 'absent')).toMatchObject({ status: 0, stdout: 'Nothing found.\n' });
    expect((await finding('ls', 'all', join(source, 'inner'))).stdout).toContain('b.log');
  });

  it('lists versions, and says which one was the last before a time', async () => {
    const versions = objectsOf(await finding('versions', join(source, 'a.txt'), '--json'));
    expect(versions.map(({ version }) => (version as { size: number }).size)).toEqual([5, 6]);
    expectError(
      await finding('versions', join(source, 'a.txt'), '--before', '2020-01-01'),
      3,
      'SNAPSHOT_PATH_NOT_FOUND',
    );
    const last = await finding('versions', join(source, 'a.txt'), '--before', '2100-01-01');
    expect(last.stdout).toMatch(/The last snapshot before 2100-01-01T00:00:00.000Z that holds it: [0-9a-f]{64}/);
  });

  it('says what differs between two snapshots', async () => {
    const snapshots = objectsOf(await on('snapshots', '--json'))[0] as { snapshots: { id: string }[] };
    const [first, second] = snapshots.snapshots.map(({ id }) => id);
    const diff = await finding('diff', first ?? '', second ?? '');
    expect(diff).toMatchObject({ status: 0 });
    expect(diff.stdout).toContain(`M  ${join(source, 'a.txt')}\n`);
    expect(diff.stdout).toContain(`+  ${join(source, 'c.txt')}\n`);
    expect(diff.stdout).toMatch(/added +1 entry, 3 B\n/);
  });

  it('refuses a cache in the repository', async () => {
    expectError(await on('find', 'x', '--cache-folder', join(repository, 'cache')), 2, 'CLI_USAGE');
  });

  it('writes a file to stdout, and to a reader that goes away', async () => {
    expect(await on('dump', 'latest', join(source, 'a.txt'))).toMatchObject({
      status: 0,
      stdout: 'second',
      stderr: '',
    });
    expectError(await on('dump', 'latest', join(source, 'inner')), 3, 'SNAPSHOT_PATH_NOT_FOUND');
    const line = `'${program}' repository dump latest '${join(source, 'inner/b.log')}' --repository '${repository}' --password-file '${passwordFile}' | head -c 3`;
    expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe('log');
  });

  it('restores what is wanted, keeps what is to be kept, and deletes what the point does not have', async () => {
    const target = join(folder, 'target');
    const restore = (...args: readonly string[]) =>
      on('restore', 'latest', '--folder', source, '--target', target, ...args);
    expect(await restore('--exclude', '*.log')).toMatchObject({ status: 0 });
    expect(readdirSync(target).sort()).toEqual(['a.txt', 'c.txt', 'inner']);
    expect(readdirSync(join(target, 'inner'))).toEqual([]);
    writeFileSync(join(target, 'a.txt'), 'mine');
    writeFileSync(join(target, 'extra'), 'extra');
    expect((await restore('--overwrite', 'never')).stdout).toMatch(/kept +2 files as they stand in the target/);
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('mine');

    const dry = await restore('--delete-extra', '--dry-run');
    expect(dry.stdout).toContain('Would delete, as the point does not have it: 1 entry, 5 B\n  extra\n');
    expect(dry.stdout).toMatch(/would write +1 file, 6 B/);
    expect(existsSync(join(target, 'extra'))).toBe(true);
    const real = await restore('--delete-extra', '--in-place');
    expect(real).toMatchObject({ status: 0 });
    expect(real.stdout).toContain('Deleted 1 entry, 5 B.');
    execFileSync('diff', ['-r', source, target]);
    rmSync(target, { recursive: true });
  });

  it.each([
    [['--limit-upload', '1K'], 'STORAGE_OPTIONS_INVALID'],
    [['--limit-download', '25:00-26:00=1M'], 'CLI_USAGE'],
    [['--limit-time-zone', 'UTC'], 'CLI_USAGE'],
    [['--as-of', 'yesterday'], 'CLI_USAGE'],
    [['--as-of', '2026-01-01'], 'STORAGE_OPTIONS_INVALID'],
  ])('refuses options that cannot be meant: %j', async (args, code) => {
    expectError(await on('snapshots', ...args), 2, code);
  });

  it('keeps to limits of its transfers', async () => {
    const limits = ['--limit-upload', '08:00-09:00=100M', '--limit-upload', 'unlimited', '--limit-download', '100M'];
    const zone = ['--limit-time-zone', 'Europe/Berlin', '--connections', '2'];
    expect(await on('check', '--read-data', ...limits, ...zone)).toMatchObject({ status: 0 });
  });

  it('the commands of docs/repository-files.md work as they stand', async () => {
    const text = readFileSync(join(checkoutFolder, 'docs/repository-files.md'), 'utf8');
    const commands = [...text.matchAll(/^backupctl (.+)$/gm)].map(([, args = '']) => args);
    expect(commands.length).toBeGreaterThan(5);
    const target = join(folder, 'documented');
    for (const command of commands) {
      const args = command
        .replace(/ > \S+$/, '')
        .replaceAll('/srv/documents', source)
        .replaceAll('/tmp/documents', target)
        .replaceAll('/var/backups/documents', repository)
        .replaceAll('password.txt', passwordFile)
        .replaceAll("'", '')
        .split(' ');
      const cache = /\b(?:find|versions|diff)\b/.test(command) ? ['--cache-folder', join(folder, 'cache')] : [];
      if (command.includes('s3:')) continue;
      const ran = await runBackupctl([...args, ...cache], { cwd: folder });
      expect({ command, ...ran }).toMatchObject({ status: 0 });
    }
  });
});

describe.skipIf((await motoAbsence()) !== null)('backupctl repository in a bucket that keeps versions', () => {
  let server: MotoServer;
  let client: S3Client;

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    server = await startMotoServer();
    client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
  });

  afterAll(async () => {
    await server.stop();
    vi.unstubAllEnvs();
  });

  it('recovers what was deleted, as of a time, and writes nothing to it', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'versioned', ObjectLockEnabledForBucket: true }));
    const versioning = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: versioning }));
    const location = `s3:${server.endpoint}/versioned/documents`;
    const locked = ['--lock-mode', 'GOVERNANCE', '--lock-days', '7', '--kms-key', '--storage-class', 'STANDARD_IA'];
    expect(await run(location, ['init'])).toMatchObject({ status: 0 });
    expect(await run(location, ['backup', 'source', ...locked])).toMatchObject({ status: 0 });
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'versioned' }));
    const pack = Contents.find(({ Key = '' }) => Key.includes('/data/'))?.Key ?? '';
    const head = await client.send(new HeadObjectCommand({ Bucket: 'versioned', Key: pack }));
    expect(head).toMatchObject({
      ObjectLockMode: 'GOVERNANCE',
      ServerSideEncryption: 'aws:kms',
      StorageClass: 'STANDARD_IA',
    });

    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: 'versioned' }));
    const last = Math.max(...Versions.map(({ LastModified }) => LastModified?.getTime() ?? 0));
    // Services keep whole seconds: what comes next must not fall into the same one.
    await delay(1100);
    for (const { Key = '' } of Contents) await client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key }));
    expectError(await run(location, ['snapshots']), 3, 'REPOSITORY_NOT_FOUND');

    const asOf = ['--as-of', new Date(last + 500).toISOString()];
    const target = join(folder, 'as-of');
    const cache = ['--cache-folder', join(folder, 'cache')];
    for (const args of [
      ['snapshots'],
      ['check', '--read-data'],
      ['ls', 'latest'],
      ['find', '*.txt', ...cache],
      ['restore', 'latest', '--folder', source, '--target', target],
    ]) {
      expect(await run(location, [...args, ...asOf])).toMatchObject({ status: 0 });
    }
    execFileSync('diff', ['-r', source, target]);

    const text = readFileSync(join(checkoutFolder, 'docs/repository-s3.md'), 'utf8');
    const commands = [...text.matchAll(/^backupctl (.+)$/gm)].map(([, args = '']) => args);
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const args = command
        .replaceAll(/s3:\S+/g, location)
        .replace('2026-11-22T08:00:00Z', asOf[1] ?? '')
        .replace('/tmp/documents', join(folder, 'as-of-documented'))
        .replaceAll('password.txt', passwordFile)
        .split(' ');
      if (args.includes('heal')) {
        const before = await client.send(new ListObjectsV2Command({ Bucket: 'versioned' }));
        expect(before.Contents ?? []).toEqual([]);
      }
      const ran = await runBackupctl(args, { cwd: folder });
      expect({ command, ...ran }).toMatchObject({ status: 0 });
    }
    const vault = join(folder, 'vault');
    plantCheapKey(vault);
    expect(await run(vault, ['init'])).toMatchObject({ status: 0 });
    const copied = await run(location, ['copy', '--to', vault, '--to-password-file', passwordFile, ...asOf, '--json']);
    expect(objectsOf(copied).at(-1)).toMatchObject({ copy: { copied: [{}], failed: [] } });
  });
});
