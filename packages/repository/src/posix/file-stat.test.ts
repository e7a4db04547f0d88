import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { differs, statOpenFile, statPath, type FileStat } from './file-stat.ts';
import { setFileTimes } from './file-times.ts';
import { makeFifo } from './special-files.ts';

/** What Node's call says, in the same form. */
const inForm = (stat: BigIntStats): FileStat => ({
  mode: Number(stat.mode),
  uid: Number(stat.uid),
  gid: Number(stat.gid),
  inode: stat.ino,
  deviceId: stat.dev,
  links: Number(stat.nlink),
  size: Number(stat.size),
  device: Number(stat.rdev),
  mtimeSeconds: Number((stat.mtimeNs - nanosecondsOf(stat.mtimeNs)) / 1_000_000_000n),
  mtimeNanoseconds: Number(nanosecondsOf(stat.mtimeNs)),
  ctimeSeconds: Number((stat.ctimeNs - nanosecondsOf(stat.ctimeNs)) / 1_000_000_000n),
  ctimeNanoseconds: Number(nanosecondsOf(stat.ctimeNs)),
});
const nanosecondsOf = (time: bigint): bigint => ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
const byNode = (path: string): FileStat => inForm(lstatSync(Buffer.from(path, 'latin1'), { bigint: true }));

describe('what the kernel says of a file', () => {
  it('is what Node says, of files of every kind', () => {
    const folder = temporaryDirectoryForTest('file-stat');
    const path = (name: string): string => join(folder, name);
    writeFileSync(path('empty'), '');
    writeFileSync(path('file'), 'content', { mode: 0o4751 });
    writeFileSync(path('sparse'), '');
    truncateSync(path('sparse'), 5 * 2 ** 32 + 7);
    symlinkSync('nowhere', path('link'));
    makeFifo(Buffer.from(path('pipe')), 0o600);
    writeFileSync(Buffer.from(path('odd\xe9\xff'), 'latin1'), 'x');
    const names = readdirSync(folder, { encoding: 'latin1' });
    expect(names).toHaveLength(6);
    for (const name of names) expect(statPath(path(name)), name).toEqual(byNode(path(name)));
    expect(statPath(folder)).toEqual(byNode(folder));
    expect(statPath(path('sparse')).size).toBe(5 * 2 ** 32 + 7);
  });

  it('is what Node says, of devices', () => {
    const paths = readdirSync('/dev').map((name) => `/dev/${name}`);
    const devices = paths.filter((path) => (lstatSync(path).mode & constants.S_IFMT) === constants.S_IFCHR);
    expect(devices).toContain('/dev/null');
    // Who uses a device meanwhile changes its times.
    const timeless = (stat: FileStat) => ({
      ...stat,
      mtimeSeconds: 0,
      mtimeNanoseconds: 0,
      ctimeSeconds: 0,
      ctimeNanoseconds: 0,
    });
    for (const path of devices) expect(timeless(statPath(path)), path).toEqual(timeless(byNode(path)));
  });

  it.each([
    -1n,
    -2_000_000_000_000_000_001n,
    0n,
    1n,
    2n ** 31n * 1_000_000_000n + 999_999_999n,
    9_000_000_000_000_000_001n,
  ])('tells a time of %s nanoseconds as Node does', (time) => {
    const path = join(temporaryDirectoryForTest('file-stat'), 'file');
    writeFileSync(path, '');
    setFileTimes(Buffer.from(path), time, time);
    expect(statPath(path)).toEqual(byNode(path));
  });

  it('is what Node says of an open file, also when its name is gone', () => {
    const path = join(temporaryDirectoryForTest('file-stat'), 'file');
    writeFileSync(path, 'content');
    const file = openSync(path, 'r');
    try {
      expect(statOpenFile(file)).toEqual(inForm(fstatSync(file, { bigint: true })));
      expect(statOpenFile(file)).toEqual(statPath(path));
    } finally {
      closeSync(file);
    }
    expect(() => statOpenFile(file)).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error);
  });

  it('fails as Node does, and goes on', () => {
    const folder = temporaryDirectoryForTest('file-stat');
    writeFileSync(join(folder, 'file'), '');
    for (const [path, code] of [
      [join(folder, 'absent'), 'ENOENT'],
      [join(folder, 'file', 'below'), 'ENOTDIR'],
      [`/${'x'.repeat(5000)}`, 'ENAMETOOLONG'],
      [`${join(folder, 'file')}\0beyond`, 'ERR_INVALID_ARG_VALUE'],
    ] as const) {
      expect(() => statPath(path)).toThrow(expect.objectContaining({ code }) as Error);
    }
    expect(statPath(join(folder, 'file'))).toEqual(byNode(join(folder, 'file')));
  });

  it('differs where the size or a time does', () => {
    const stat = statPath('/');
    expect(differs(stat, { ...stat, mode: 0, inode: 1n })).toBe(false);
    for (const field of ['size', 'mtimeSeconds', 'mtimeNanoseconds', 'ctimeSeconds', 'ctimeNanoseconds'] as const) {
      expect(differs(stat, { ...stat, [field]: -5 }), field).toBe(true);
    }
  });

  /** Runs a script beside this file and gives what it prints. */
  const run = (script: string): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: import.meta.dirname,
        encoding: 'utf8',
      }),
    );
  const print = `
    const { statPath, statOpenFile } = await import('./file-stat.ts');
    const { openSync } = await import('node:fs');
    const paths = process.argv.slice(1);
    const stats = paths.flatMap((path) => [statPath(path), statOpenFile(openSync(path))]);
    console.log(JSON.stringify(stats, (_key, value) => typeof value === 'bigint' ? String(value) : value));`;

  it('does not come from Node on Linux', () => {
    const script = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      fs.lstatSync = fs.fstatSync = () => { throw new Error('not to be called'); };
      syncBuiltinESMExports();
      process.argv.push('/', '/dev/null');${print}`;
    expect(run(script)).toHaveLength(4);
  });

  it('is the same where koffi has no binary', () => {
    const folder = temporaryDirectoryForTest('file-stat');
    const paths = [-1n, -2_000_000_000_000_000_001n, 5n, 1_700_000_000_123_456_789n].map((time, number) => {
      const path = join(folder, `file-${number}`);
      writeFileSync(path, 'x'.repeat(number));
      setFileTimes(Buffer.from(path), time, time);
      return path;
    });
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({
        resolve: (name, context, next) => {
          if (name === 'koffi') throw new Error('no binary of koffi for this platform');
          return next(name, context);
        },
      });
      process.argv.push(${[...paths, '/dev/null'].map((path) => JSON.stringify(path)).join(', ')});${print}`;
    const readable = (stat: FileStat) => ({ ...stat, inode: String(stat.inode), deviceId: String(stat.deviceId) });
    const expected = [...paths, '/dev/null'].map((path) => readable(statPath(path)));
    expect(run(script)).toEqual(expected.flatMap((stat) => [stat, stat]));
  });
});
