import { hasTool, toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkoutFolder } from '../src/platform/checkout.ts';
import { cheapPassword as secret, plantCheapKey } from './cheap-key.ts';
import { objectsOf, runBackupctl, type Ran } from './run-backupctl.ts';

let directory: TemporaryDirectory;
let folder: string;
let whole: string;
let repository: string;
let made = 0;

const on = (...args: readonly string[]): Promise<Ran> =>
  runBackupctl(['repository', ...args, '--repository', repository, '--password-file', 'password'], { cwd: folder });
const failsWith = (status: number, code: string) => ({
  status,
  stderr: expect.stringMatching(new RegExp(`^error ${code}: `, 'm')) as unknown,
});
const largestPack = (): string => {
  const packs = readdirSync(join(repository, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const [largest = ''] = packs.sort((left, right) => statSync(right).size - statSync(left).size);
  return largest;
};
const flipByte = (path: string): void => {
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

beforeAll(async () => {
  directory = temporaryDirectory('cli-repair');
  folder = directory.path;
  whole = join(folder, 'whole');
  repository = whole;
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(folder, 'password'), secret);
  writeFileSync(join(source, 'large'), randomBytes(200_000));
  writeFileSync(join(source, 'small'), 'small');
  plantCheapKey(repository);
  expect(await on('init')).toMatchObject({ status: 0 });
  expect(await on('backup', 'source')).toMatchObject({ status: 0 });
});

afterAll(() => {
  directory.remove();
});

beforeEach(() => {
  made += 1;
  repository = join(folder, `repository ${made}`);
  cpSync(whole, repository, { recursive: true });
});

describe('backupctl repository check', () => {
  it('reads parts, and goes on from day to day by a state file', async () => {
    const state = join(folder, `state ${made}`);
    const first = await on('check', '--read-data-subset', '1', '--state-file', state, '--json');
    expect(objectsOf(first).at(-1)).toMatchObject({ check: { packs_read: 1, findings: [] } });
    const second = await on('check', '--read-data-within', '1s', '--state-file', state);
    expect(second).toMatchObject({ status: 0 });
    expect(second.stdout).toMatch(/By the state file \d+(\.\d)? % of the data was read in time/);
  });

  it.each([
    ['two ways of reading', ['--read-data', '--read-data-subset', '5%'], 'CLI_USAGE'],
    ['a part that is none', ['--read-data-subset', '4/3'], 'CLI_USAGE'],
    ['a subset that is none', ['--read-data-subset', 'some'], 'CLI_USAGE'],
    ['a period without a state file', ['--read-data-within', '30d'], 'CLI_USAGE'],
    ['a state file that is none', ['--read-data', '--state-file', 'password'], 'STATE_FILE_INVALID'],
  ])('refuses %s', async (_what, args, code) => {
    expect(await on('check', ...args)).toMatchObject(failsWith(2, code));
  });
});

describe('backupctl repository repair and heal', () => {
  it('tell what a damaged pack costs, save the rest by a plan, and leave what restic finds whole', async () => {
    flipByte(largestPack());
    const checked = await on('check', '--read-data');
    expect(checked.status).toBe(4);
    expect(checked.stdout).toMatch(/touches 1 snapshot: [0-9a-f]{8}\n {2}[0-9a-f]{8}:.*\/source\/large/);
    const planned = await on('repair', 'packs', '--read-data', '--plan', `packs-${made}.json`);
    expect(planned).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing was changed.') as unknown });
    expect(planned.stdout).toContain('/source/large');
    const doubled = await on('repair', 'packs', '--read-data', '--apply', '--plan', `packs-${made}.json`);
    expect(doubled).toMatchObject(failsWith(2, 'CLI_USAGE'));
    const applied = await on('repair', 'packs', '--apply', '--plan', `packs-${made}.json`, '--json');
    expect(objectsOf(applied).at(-1)).toMatchObject({ pack_repair: { blobs_lost: 1 } });
    const snapshots = await on('repair', 'snapshots', '--remove-damaged', '--apply');
    expect(snapshots).toMatchObject({ status: 0 });
    expect(snapshots.stdout).toMatch(/has lost 1 file, 195 KiB of known size:/);
    expect(await on('check', '--read-data')).toMatchObject({ status: 0 });
  });

  it('mend from a replica, also when the config and the keys are gone', async () => {
    flipByte(largestPack());
    rmSync(join(repository, 'config'));
    for (const name of readdirSync(join(repository, 'keys'))) writeFileSync(join(repository, 'keys', 'x'), name);
    for (const name of readdirSync(join(repository, 'index'))) rmSync(join(repository, 'index', name));
    const healed = await on(...['heal', '--copy', whole, '--copy-password-file', 'password', '--read-data', '--apply']);
    expect(healed).toMatchObject({ status: 0 });
    expect(healed.stdout).toContain('The copy is a replica.');
    expect(await on('check', '--read-data')).toMatchObject({ status: 0 });
  });

  it('make the index from the packs', async () => {
    for (const name of readdirSync(join(repository, 'index'))) rmSync(join(repository, 'index', name));
    expect((await on('repair', 'index')).stdout).toMatch(/^Packs to list \(\d\):$/m);
    expect(await on('repair', 'index', '--apply')).toMatchObject({ status: 0 });
    expect((await on('repair', 'index')).stdout).toContain('The index is right.');
  });

  it('refuse what is no pack and a plan that is none', async () => {
    expect(await on('repair', 'packs', 'abc')).toMatchObject(failsWith(3, 'PACK_UNKNOWN'));
    expect(await on('repair', 'index', '--apply', '--plan', 'password')).toMatchObject(failsWith(2, 'REQUEST_INVALID'));
  });
});

describe('backupctl repository unlock', () => {
  it('says that there is nothing to remove', async () => {
    expect(await on('unlock')).toMatchObject({ status: 0, stdout: 'Removed 0 locks, kept 0.\n' });
  });

  it.skipIf(!hasTool('restic'))(
    'leaves what stock restic holds, and removes what it left when it was killed',
    async () => {
      const args = ['-r', repository, '--no-cache', '--password-file', join(folder, 'password'), 'backup', '--stdin'];
      const restic = spawn(toolPath('restic') ?? 'restic', args, { stdio: ['pipe', 'ignore', 'ignore'] });
      const ended = once(restic, 'close');
      await expect.poll(() => readdirSync(join(repository, 'locks')), { timeout: 60_000 }).toHaveLength(1);
      const [name = ''] = readdirSync(join(repository, 'locks'));
      const lock = readFileSync(join(repository, 'locks', name));
      const holder = `process ${restic.pid} of `;
      const kept = await on('unlock');
      expect(kept.stdout).toContain(`Kept ${name.slice(0, 8)}: ${holder}`);
      const policy = ['forget', '--keep-last', '1', '--apply'];
      expect(await on(...policy)).toMatchObject(failsWith(5, 'REPOSITORY_LOCKED'));
      const waiting = on(...policy, '--wait', '1h');
      restic.kill('SIGKILL');
      await ended;
      expect(await waiting).toMatchObject({ status: 0 });
      writeFileSync(join(repository, 'locks', name), lock);
      const removed = await on('unlock');
      expect(removed.stdout).toContain(`Removed ${name.slice(0, 8)}: ${holder}`);
      expect(removed.stdout).toContain('has ended');
    },
  );
});

describe('backupctl repository key', () => {
  beforeEach(() => {
    writeFileSync(join(folder, 'next'), 'battery staple');
  });

  it('adds, lists, removes and rotates, without ever showing a password', async () => {
    const added = await on('key', 'add', '--new-password-file', 'next', '--user', 'escrow', '--json');
    const { key } = objectsOf(added).at(-1) as { key: { added: string } };
    const listed = await on('key', 'list');
    expect(listed.stdout).toMatch(/escrow/);
    expect(listed.stdout.match(/in use/g)).toHaveLength(1);
    expect(await on('key', 'remove', key.added.slice(0, 10))).toMatchObject({ status: 0 });
    const { keys } = objectsOf(await on('key', 'list', '--json')).at(-1) as { keys: { id: string }[] };
    expect(await on('key', 'remove', keys[0]?.id ?? '')).toMatchObject(failsWith(5, 'KEY_IN_USE'));
    const rotated = await on('key', 'rotate', '--new-password-file', 'next');
    expect(rotated).toMatchObject({ status: 0 });
    expect(await on('key', 'list')).toMatchObject(failsWith(7, 'PASSWORD_WRONG'));
    for (const ran of [added, listed, rotated]) expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/battery|horse/);
  });

  it('writes a kit for its owner alone, with the password only on request, and never over a file', async () => {
    const text = join(folder, `kit-${made}.txt`);
    const html = join(folder, `kit-${made}.html`);
    expect(await on('key', 'kit', '--text', text, '--html', html)).toMatchObject({ status: 0 });
    for (const path of [text, html]) {
      expect(readFileSync(path, 'utf8')).not.toContain(secret);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(await on('key', 'kit', '--text', text)).toMatchObject(failsWith(5, 'FILE_EXISTS'));
    const shown = await on('key', 'kit', '--with-password');
    expect(shown.stdout).toContain(secret);
  });

  it('proves a stored password, and says when it cannot decrypt', async () => {
    expect(await on('key', 'drill', '--packs', '10')).toMatchObject({ status: 0 });
    flipByte(largestPack());
    expect(await on('key', 'drill', '--packs', '10')).toMatchObject(failsWith(4, 'FINDINGS'));
  });
});

describe('the documents', () => {
  const run = async (document: string, places: Readonly<Record<string, string>>): Promise<void> => {
    const text = readFileSync(join(checkoutFolder, 'docs', document), 'utf8');
    const lines = text.split('\n').filter((line) => line.startsWith('backupctl repository '));
    expect(lines.length).toBeGreaterThan(2);
    const cwd = join(folder, `cwd ${made}`);
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'password.txt'), secret);
    for (const name of ['vault', 'second', 'new', 'newest'])
      writeFileSync(join(cwd, `${name}.txt`), `${name} password`);
    for (const line of lines) {
      const args = line.split(' ').slice(1);
      const placed = args.map((word) => places[word] ?? word);
      expect(await runBackupctl(placed, { cwd }), line).toMatchObject({ status: 0 });
    }
  };

  it.each([
    ['repository-repair.md', '/mnt/replica/documents', () => whole],
    ['repository-copies.md', '/mnt/vault/documents', () => join(folder, `vault ${made}`)],
    ['repository-keys.md', '/mnt/none', () => ''],
  ])('the commands of docs/%s work as they stand', async (document, place, path) => {
    await run(document, { '/var/backups/documents': repository, [place]: path() });
    if (document !== 'repository-copies.md' || !hasTool('restic')) return;
    const args = ['-r', path(), '--no-cache', 'check', '--read-data'];
    const checked = execFileSync(toolPath('restic') ?? 'restic', args, {
      encoding: 'utf8',
      env: { ...process.env, RESTIC_PASSWORD: 'vault password' },
    });
    expect(checked).toContain('no errors were found');
  });
});
