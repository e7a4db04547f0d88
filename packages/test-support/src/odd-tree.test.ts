import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { oddEntries, seededBytes } from './odd-tree-entries.ts';
import { makeOddTree } from './odd-tree.ts';
import { hasTool, isRoot } from './system-tool.ts';
import { temporaryDirectoryForTest } from './temporary-directory.ts';

const toolsPresent = hasTool('setfattr') && hasTool('setfacl') && process.platform === 'linux';

it.skipIf(!toolsPresent || !isRoot)('makes everything as root, with the metadata asked for', async () => {
  const root = join(temporaryDirectoryForTest('odd'), 'tree');
  const { notMade } = await makeOddTree(root, { seed: 7 });
  expect(notMade).toEqual([]);
  const stat = (path: string) => lstatSync(join(root, path), { bigint: true });
  expect(readFileSync(join(root, 'content/big')).equals(seededBytes(7, 'big', 20 * 1024 * 1024 + 4321))).toBe(true);
  expect(stat('content/sparse').blocks * 512n).toBeLessThan(stat('content/sparse').size / 10n);
  expect(stat('links/first-a').nlink).toBe(3n);
  expect(stat('links/elsewhere/first-c').ino).toBe(stat('links/first-a').ino);
  expect(readlinkSync(join(root, 'links/not-utf8'), 'buffer').toString('hex')).toBe('74fffe2fc3');
  expect(stat('special/block-device').isBlockDevice()).toBe(true);
  expect(stat('special/socket').isSocket()).toBe(true);
  expect(stat('modes/setuid-of-another').mode & 0o7777n).toBe(0o6711n);
  expect(stat('modes/owned/link')).toMatchObject({ uid: 12_345n, gid: 54_321n });
  expect(stat('modes/none-folder').mode & 0o7777n).toBe(0n);
  expect(stat('times/before-epoch').mtimeNs).toBe(-1n);
  expect(stat('').mtimeNs).toBe(981_173_106_700_000_001n);
  const shown = execFileSync('getfattr', [
    '--absolute-names',
    '-hd',
    '-m',
    '-',
    '-e',
    'hex',
    join(root, 'attributes/capability'),
  ]);
  expect(shown.toString()).toContain('security.capability=0x01000002002');
  expect(execFileSync('getfacl', ['-cpn', join(root, 'attributes/acl-folder')]).toString()).toContain(
    'default:user:12345:rwx',
  );
  expect(readdirSync(join(root, 'names')).length).toBeGreaterThan(40);
});

it.skipIf(!toolsPresent)('names what it leaves out where it may not act as root', async () => {
  const root = join(temporaryDirectoryForTest('odd'), 'tree');
  const { notMade } = await makeOddTree(root, { root: false });
  const what = notMade.map((part) => part.what);
  expect(what).toContain('special/character-device: entry');
  expect(what).toContain('modes/owned: owner');
  expect(what).toContain('attributes/link: trusted.on-link');
  expect(what.filter((part) => part.startsWith('content') || part.startsWith('names'))).toEqual([]);
  expect(notMade.every(({ why }) => why.includes('only root'))).toBe(true);
});

it('gives each path once, folders first, and the same bytes for the same seed', () => {
  const entries = oddEntries(1);
  const seen = new Set<string>();
  for (const { path } of entries) {
    const text = path.toString('latin1');
    expect(seen.has(text)).toBe(false);
    if (text.includes('/')) expect(seen.has(text.slice(0, text.lastIndexOf('/')))).toBe(true);
    seen.add(text);
  }
  expect(seededBytes(1, 'a', 100)).toEqual(seededBytes(1, 'a', 100));
  expect(seededBytes(1, 'a', 100)).not.toEqual(seededBytes(2, 'a', 100));
  expect(seededBytes(1, 'a', 100)).not.toEqual(seededBytes(1, 'b', 100));
});
