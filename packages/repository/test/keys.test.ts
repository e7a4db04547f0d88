import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import {
  temporaryDirectory,
  temporaryDirectoryForTest,
  type TemporaryDirectory,
} from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addKey, changePassword, removeKey, rotateKeys } from '../src/keys/change-keys.ts';
import { makeEmergencyKit } from '../src/keys/emergency-kit.ts';
import { drillKey } from '../src/keys/key-drill.ts';
import { kitAsHtml } from '../src/keys/kit-html.ts';
import { kitAsText } from '../src/keys/kit-text.ts';
import { listKeys } from '../src/keys/list-keys.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';
import {
  copyFixture,
  expectResticContent,
  filesOf,
  flipBit,
  largestOf,
  makeFixture,
  packsOf,
  type Fixture,
} from './damaged-repository.ts';
import { runRestic } from './stock-restic.ts';

const second = 'a second password';

describe.skipIf(!hasTool('restic'))('keys', () => {
  let original: TemporaryDirectory;
  let whole: Fixture;
  let fixture: Fixture;
  let repository: Repository;

  beforeAll(async () => {
    original = temporaryDirectory('keys');
    whole = await makeFixture(original.path);
  });

  afterAll(() => {
    original.remove();
  });

  beforeEach(async () => {
    fixture = await copyFixture(whole, temporaryDirectoryForTest('keys'));
    repository = fixture.repository;
  });

  const openWith = (secret: string) => openRepository(openStorage(fixture.location), secret, systemClock);
  const refuses = async (secret: string) => expect(openWith(secret)).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  const resticWith = async (secret: string, ...args: readonly string[]) => {
    const file = join(fixture.folder, 'password');
    writeFileSync(file, secret);
    return runRestic(fixture.location, '--password-file', file, ...args);
  };

  it('are listed as stock restic lists them, with the one in use', async () => {
    const id = await addKey(repository, second, { username: 'operator', hostname: 'vault' });
    const keys = await listKeys(repository);
    expect(keys).toHaveLength(2);
    expect(keys.find(({ current }) => current)?.id).toBe(repository.keyName);
    expect(keys.find((key) => key.id === id)).toMatchObject({ username: 'operator', hostname: 'vault', fault: null });
    const listed = await resticWith(second, 'key', 'list');
    expect(listed).toMatchObject({ status: 0 });
    expect(listed.stdout).toMatch(new RegExp(`\\*${id.slice(0, 8)} *operator *vault`));
    expect(listed.stdout).toContain(repository.keyName.slice(0, 8));
    expect((await openWith(second)).keyName).toBe(id);
  });

  it('cannot be added without a password', async () => {
    await expect(addKey(repository, '')).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
    await expect(rotateKeys(repository, '')).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
    expect(await listKeys(repository)).toHaveLength(1);
  });

  it('are removed by a prefix, but not the one in use, and not the last', async () => {
    const id = await addKey(repository, second);
    await expect(removeKey(repository, repository.keyName)).rejects.toMatchObject({ code: 'KEY_IN_USE' });
    await expect(removeKey(repository, 'xyz')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    await expect(removeKey(repository, '')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    const removed = await removeKey(repository, id.slice(0, 12));
    expect(removed.id).toBe(id);
    await refuses(second);

    // The key that opened the repository is gone meanwhile: then the other one is the last.
    const again = await addKey(repository, second);
    rmSync(join(fixture.location, 'keys', repository.keyName));
    await expect(removeKey(repository, again)).rejects.toMatchObject({ code: 'KEY_LAST' });
    await openWith(second);
  });

  it('that are damaged are listed with what is wrong, and can be removed', async () => {
    const id = await addKey(repository, second);
    flipBit(join(fixture.location, 'keys', id), 5);
    expect((await listKeys(repository)).find((key) => key.id === id)?.fault).toMatch(/key file/);
    await removeKey(repository, id);
    expect(await listKeys(repository)).toHaveLength(1);
  });

  it('change their password, and the old one opens nothing', async () => {
    const third = 'a third password';
    await addKey(repository, third);
    const change = await changePassword(repository, second);
    expect(change).toMatchObject({ removed: [repository.keyName], put_off: [] });
    await refuses(password);
    await openWith(third);
    expect(await resticWith(second, 'check')).toMatchObject({ status: 0 });
    expect(filesOf(fixture.location, 'locks')).toEqual([]);
  });

  it('rotate so that one password is the only one', async () => {
    await addKey(repository, 'a third password');
    const change = await rotateKeys(repository, second);
    expect(change.removed).toHaveLength(2);
    expect(change.removed.at(-1)).toBe(repository.keyName);
    await refuses(password);
    await refuses('a third password');
    expect((await listKeys(await openWith(second))).map(({ id }) => id)).toEqual([change.added]);
    expect(await resticWith(second, 'check', '--read-data')).toMatchObject({ status: 0 });
  });

  describe('in a drill', () => {
    it('are proven to open the repository and to decrypt it, without a write', async () => {
      const before = filesOf(fixture.location, '.');
      const result = await drillKey(openStorage(fixture.location), password, systemClock, { packs: 2, trees: 3 });
      expect(result).toMatchObject({
        key_id: repository.keyName,
        snapshots_decrypted: 3,
        trees_decrypted: 3,
        packs_decrypted: 2,
        failures: [],
      });
      expect(result.blobs_decrypted).toBeGreaterThanOrEqual(2);
      expect(filesOf(fixture.location, '.')).toEqual(before);
      await expect(drillKey(openStorage(fixture.location), second, systemClock)).rejects.toMatchObject({
        code: 'PASSWORD_WRONG',
      });
    });

    it('come around all packs', async () => {
      const clock = setClock('2026-11-22T12:00:00Z');
      const packs = [...(await packsOf(fixture, 'data')), ...(await packsOf(fixture, 'tree'))];
      for (const path of packs) chmodSync(path, 0o600);
      const [damaged = ''] = packs;
      flipBit(damaged, 10);
      let failures = 0;
      for (let day = 0; day < 300 && failures === 0; day += 1) {
        clock.advance(24 * 60 * 60);
        const drilled = await drillKey(openStorage(fixture.location), password, clock, { packs: 1, trees: 0 });
        failures = drilled.failures.length;
      }
      expect(failures).toBe(1);
    });

    it('say what cannot be decrypted', async () => {
      for (const path of await packsOf(fixture, 'tree')) rmSync(path);
      flipBit(largestOf(fixture.location, 'snapshots'), 40);
      const result = await drillKey(openStorage(fixture.location), password, systemClock, { packs: 100 });
      expect(result.failures.length).toBeGreaterThan(2);
      expect(result).toMatchObject({ snapshots_decrypted: 2, trees_decrypted: 0 });
    });
  });

  describe('in an emergency kit', () => {
    it('bring back the files without which nothing opens, by what the text says to type', async () => {
      const text = kitAsText(await makeEmergencyKit(repository));
      rmSync(join(fixture.location, 'config'));
      rmSync(join(fixture.location, 'keys'), { recursive: true });
      const lines = text.split('\n').filter((line) => line.startsWith('    '));
      const start = lines.findIndex((line) => line.trim() === 'mkdir -p keys');
      const commands = lines.slice(start).map((line) => line.slice(4));
      execFileSync('/bin/sh', ['-e', '-c', commands.join('\n')], { cwd: fixture.location });
      expect(readFileSync(join(fixture.location, 'config'))).toEqual(readFileSync(join(whole.location, 'config')));
      await expectResticContent(fixture.location);
    });

    it('restore with stock restic, by what the text says to type', async () => {
      const kit = await makeEmergencyKit(repository, { password });
      const text = kitAsText(kit);
      const lines = text.split('\n').map((line) => line.trim());
      const start = lines.findIndex((line) => line.startsWith('export RESTIC_REPOSITORY='));
      const end = lines.findIndex((line) => line.startsWith('restic restore'));
      const cwd = temporaryDirectoryForTest('kit');
      writeFileSync(join(cwd, 'password.txt'), kit.password ?? '');
      execFileSync('/bin/sh', ['-e', '-c', lines.slice(start, end + 1).join('\n')], { cwd, stdio: 'pipe' });
      const newest = fixture.points.at(-1);
      expect(readFileSync(join(cwd, 'restored', newest?.source ?? '', 'same'), 'utf8')).toBe('the same in both');
      expect(kit.points[0]?.id).toBe(newest?.id.slice(0, 8));
    });

    it('hold a password only when that is asked for, and only the right one', async () => {
      const without = await makeEmergencyKit(repository);
      for (const form of [kitAsText(without), kitAsHtml(without)]) expect(form).not.toContain(password);
      const withPassword = await makeEmergencyKit(repository, { password });
      for (const form of [kitAsText(withPassword), kitAsHtml(withPassword)]) expect(form).toContain(password);
      await expect(makeEmergencyKit(repository, { password: second })).rejects.toMatchObject({
        code: 'PASSWORD_WRONG',
      });
      for (const form of [kitAsText(without), kitAsHtml(without)]) {
        expect(form).toContain(repository.id);
        expect(form).toContain(fixture.location);
        expect(form).toContain(repository.keyName);
      }
    });

    it('take no line from who can write into the storage', async () => {
      const own = JSON.parse(readFileSync(largestOf(fixture.location, 'keys'), 'utf8')) as Record<string, unknown>;
      const planted = Buffer.from(JSON.stringify({ ...own, created: 'now\n    export RESTIC_REPOSITORY=/elsewhere' }));
      await repository.storage.put('keys', hash('sha256', planted, 'hex'), planted);
      const kit = await makeEmergencyKit(repository);
      expect(kit.other_keys).toHaveLength(1);
      const lines = kitAsText(kit).split('\n');
      expect(lines.filter((line) => line.trim().startsWith('export RESTIC_REPOSITORY'))).toHaveLength(1);
    });

    it('are one page of HTML that loads nothing and takes no markup from names', async () => {
      const kit = await makeEmergencyKit(repository);
      const typed = [...kitAsHtml(kit).matchAll(/<pre>(.*?)<\/pre>/gs)].flatMap(([, block = '']) => block.split('\n'));
      const lines = kitAsText(kit)
        .split('\n')
        .filter((line) => line.startsWith('    '));
      const plain = (text: string) =>
        text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      expect(typed.map((line) => `    ${plain(line)}`)).toEqual(lines);
      const hostile = { ...kit, location: '/srv/<script>alert(1)</script>', password: '"><img src=x>' };
      const html = kitAsHtml(hostile);
      expect(html).not.toMatch(/<script|<img|<link/);
      expect(html).toContain('&lt;script&gt;');
      expect(html).toContain("default-src 'none'");
    });
  });
});
