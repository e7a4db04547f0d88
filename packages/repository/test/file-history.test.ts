import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FileHistory, type FindQuery, type FoundVersion } from '../src/finder/file-history.ts';
import type { Repository } from '../src/repository.ts';
import { loadIndex } from '../src/index/load-index.ts';
import { forgetSnapshots, loadSnapshot } from '../src/snapshots.ts';
import { newRepository } from './crafted-repository.ts';
import { SeededNumbers } from './random-history.ts';
import { TreeHistory, type ModelFile } from './tree-history.ts';

const day = 86_400;
const startOf2026 = Date.UTC(2026, 0, 1) / 1000;
let folder: string;
let cacheFolder: string;
let repository: Repository;

beforeEach(async () => {
  folder = temporaryDirectoryForTest('file-history');
  cacheFolder = join(folder, 'cache');
  repository = await newRepository(folder);
});

const open = async (): Promise<FileHistory> => {
  const history = await FileHistory.open(repository, { cacheFolder });
  onTestFinished(() => {
    history.close();
  });
  return history;
};
const cacheFile = (): string => join(cacheFolder, repository.id, 'files.sqlite');
const file = (content: string, changes: Partial<ModelFile> = {}): ModelFile => ({
  size: content.length,
  mtime: startOf2026,
  content,
  mode: 0o644,
  ...changes,
});
const brief = (versions: readonly FoundVersion[]): string[] =>
  versions.map(({ path, size, points }) => `${path} ${size} ${points.map(({ time }) => time.slice(8, 10)).join(',')}`);

describe('the history of files', () => {
  let history: TreeHistory;
  const ids: SnapshotId[] = [];

  beforeEach(async () => {
    history = new TreeHistory(repository);
    ids.length = 0;
    history.set('/srv/logs/a.log', file('aaa'));
    history.set('/srv/logs/B.LOG', file('bb', { mtime: startOf2026 - 10 * day }));
    history.set('/srv/data/large', file('l', { size: 5_000_000 }));
    history.set('/srv/data/deep/er/x.log', file('x'));
    ids.push(await history.save());
    history.set('/srv/logs/a.log', file('aaaa', { mtime: startOf2026 + day }));
    history.set('/srv/new[1]', file('n'));
    ids.push(await history.save());
    history.set('/srv/logs/a.log', null);
    history.set('/srv/data/large', file('l', { size: 5_000_000, mode: 0o600 }));
    ids.push(await history.save());
    history.set('/srv/logs/a.log', file('aaa'));
    ids.push(await history.save());
  });

  it.each<readonly [string, FindQuery, readonly string[]]>([
    ['a name', { pattern: 'a.log' }, ['/srv/logs/a.log 3 01,04', '/srv/logs/a.log 4 02']],
    [
      'names',
      { pattern: '*.log' },
      ['/srv/data/deep/er/x.log 1 01,02,03,04', '/srv/logs/a.log 3 01,04', '/srv/logs/a.log 4 02'],
    ],
    ['names in any case', { pattern: 'b.*', ignoreCase: true }, ['/srv/logs/B.LOG 2 01,02,03,04']],
    ['a name with brackets', { pattern: 'new[[]1]' }, ['/srv/new[1] 1 02,03,04']],
    ['the end of a path', { pattern: 'logs/*.log' }, ['/srv/logs/a.log 3 01,04', '/srv/logs/a.log 4 02']],
    ['a path', { pattern: '/srv/**/x.log' }, ['/srv/data/deep/er/x.log 1 01,02,03,04']],
    ['a path without its middle', { pattern: '/srv/*/x.log' }, []],
    ['a size', { minimumSize: 1000 }, ['/srv/data/large 5000000 01,02', '/srv/data/large 5000000 03,04']],
    [
      'no more than a size',
      { type: 'file', maximumSize: 1 },
      ['/srv/data/deep/er/x.log 1 01,02,03,04', '/srv/new[1] 1 02,03,04'],
    ],
    ['a time', { type: 'file', changedSince: new Date((startOf2026 + 1) * 1000) }, ['/srv/logs/a.log 4 02']],
    ['before a time', { type: 'file', changedBefore: new Date(startOf2026 * 1000) }, ['/srv/logs/B.LOG 2 01,02,03,04']],
    ['a folder', { pattern: '*.log', folder: '/srv/data/' }, ['/srv/data/deep/er/x.log 1 01,02,03,04']],
    ['folders', { type: 'dir', pattern: 'e*' }, ['/srv/data/deep/er 0 01,02,03,04']],
    ['nothing', { pattern: 'absent' }, []],
  ])('is searched by %s', async (_what, query, expected) => {
    expect(brief(await (await open()).find(query))).toEqual(expected);
  });

  it('is searched in chosen snapshots alone', async () => {
    const [, second, third] = ids;
    const found = await (
      await open()
    ).find({ pattern: 'a.log', points: [second ?? third, third].flatMap((id) => id ?? []) });
    expect(brief(found)).toEqual(['/srv/logs/a.log 4 02']);
  });

  it('gives the last version before a time', async () => {
    const opened = await open();
    const last = async (path: string, time: string) => {
      const version = await opened.lastVersion(path, new Date(time));
      return version === null ? null : brief([version])[0];
    };
    expect(await last('/srv/logs/a.log', '2026-01-09T00:00:00Z')).toBe('/srv/logs/a.log 3 01,04');
    expect(await last('/srv/logs/a.log', '2026-01-04T00:00:00Z')).toBe('/srv/logs/a.log 4 02');
    expect(await last('/srv/logs/a.log', '2026-01-02T00:00:00Z')).toBe('/srv/logs/a.log 3 01');
    expect(await last('/srv/logs/a.log', '2026-01-01T00:00:00Z')).toBeNull();
    expect(await last('/srv/logs/never', '2026-01-09T00:00:00Z')).toBeNull();
    expect(brief(await opened.versionsOf('/srv/logs/'))).toEqual(['/srv/logs 0 01,02,03,04']);
  });

  it('tells what differs between two snapshots', async () => {
    const opened = await open();
    const [first, second, third] = ids;
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three points');
    const differences = async (before: SnapshotId, after: SnapshotId) =>
      (await opened.compare(before, after)).map(
        ({ path, change, sizeBefore, sizeAfter }) => `${change} ${path} ${sizeBefore} ${sizeAfter}`,
      );
    expect(await differences(first, second)).toEqual(['changed /srv/logs/a.log 3 4', 'added /srv/new[1] null 1']);
    expect(await differences(second, third)).toEqual([
      'metadata /srv/data/large 5000000 5000000',
      'removed /srv/logs/a.log 4 null',
    ]);
    expect(await differences(second, first)).toEqual(['changed /srv/logs/a.log 4 3', 'removed /srv/new[1] 1 null']);
    expect(await differences(third, third)).toEqual([]);
  });

  it('forgets what was forgotten, and keeps what others need', async () => {
    await open();
    await forgetSnapshots(repository, ids.slice(0, 2));
    const opened = await open();
    expect(opened.points.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(brief(await opened.find({ type: 'file' }))).toEqual([
      '/srv/data/deep/er/x.log 1 03,04',
      '/srv/data/large 5000000 03,04',
      '/srv/logs/B.LOG 2 03,04',
      '/srv/logs/a.log 3 04',
      '/srv/new[1] 1 03,04',
    ]);
    history.set('/srv/logs/a.log', file('aaaa', { mtime: startOf2026 + day }));
    await history.save();
    expect(brief(await (await open()).versionsOf('/srv/logs/a.log'))).toEqual([
      '/srv/logs/a.log 3 04',
      '/srv/logs/a.log 4 05',
    ]);
  });

  it('reads no tree that it knows', async () => {
    await open();
    const packs = await repository.listNames('data');
    for (const name of packs) await repository.storage.delete('data', name);
    expect(brief(await (await open()).find({ pattern: 'x.log' }))).toHaveLength(1);
  });

  it('leaves out a snapshot that is damaged, says so, and takes it in when it is mended', async () => {
    const [, second] = ids;
    if (second === undefined) throw new Error('there are snapshots');
    const { tree } = await loadSnapshot(repository, second);
    const place = (await loadIndex(repository)).find('tree', tree);
    if (place === null) throw new Error('the tree is in the index');
    const pack = join(repository.storage.location, 'data', place.pack.slice(0, 2), place.pack);
    const whole = readFileSync(pack);
    chmodSync(pack, 0o600);
    writeFileSync(pack, Buffer.from(whole).fill(0, place.offset, place.offset + place.length));
    const damaged = await open();
    expect(damaged.unreadable).toMatchObject([{ id: second, reason: expect.stringContaining(second) as unknown }]);
    expect(brief(await damaged.find({ pattern: 'a.log' }))).toEqual(['/srv/logs/a.log 3 01,04']);
    damaged.close();
    writeFileSync(pack, whole);
    const mended = await open();
    expect(mended.unreadable).toEqual([]);
    expect(brief(await mended.find({ pattern: 'a.log' }))).toEqual(['/srv/logs/a.log 3 01,04', '/srv/logs/a.log 4 02']);
  });

  it('is kept where only its user reads it', async () => {
    await open();
    expect(statSync(cacheFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(cacheFolder, repository.id)).mode & 0o777).toBe(0o700);
  });

  it.each<readonly [string, (path: string) => void]>([
    ['cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['empty', (path) => truncateSync(path, 0)],
    ['something else', (path) => writeFileSync(path, 'no database at all, but a text of some length')],
    [
      'overwritten in the middle',
      (path) => {
        const content = readFileSync(path);
        content.fill(0xff, 4096, content.length - 4096);
        writeFileSync(path, content);
      },
    ],
    ['gone', (path) => rmSync(path)],
  ])('is built anew when its file is %s', async (_what, damage) => {
    const before = await FileHistory.open(repository, { cacheFolder });
    const expected = await before.find({});
    before.close();
    for (const suffix of ['-wal', '-shm']) rmSync(`${cacheFile()}${suffix}`, { force: true });
    damage(cacheFile());
    expect(await (await open()).find({})).toEqual(expected);
  });

  it('goes on when it was killed while it was built', async () => {
    const entry = new URL('./history-process.ts', import.meta.url).pathname;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', entry, repository.storage.location, cacheFolder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const exited = once(child, 'exit');
    for await (const line of child.stdout) if (String(line).includes('2 of 4')) break;
    child.kill('SIGKILL');
    await exited;
    expect(existsSync(cacheFile())).toBe(true);
    const opened = await open();
    expect(opened.points).toHaveLength(4);
    expect(brief(await opened.versionsOf('/srv/logs/a.log'))).toEqual([
      '/srv/logs/a.log 3 01,04',
      '/srv/logs/a.log 4 02',
    ]);
  });
});

const seed = `${Date.now()}`;
it(`finds exactly what a search of everything finds (seed ${seed})`, async () => {
  const numbers = new SeededNumbers(seed);
  const history = new TreeHistory(repository);
  const names = ['a', 'b.log', 'c.log', 'dd', 'e.txt'];
  const states: (readonly (readonly [string, ModelFile])[])[] = [];
  for (let point = 0; point < 12; point += 1) {
    for (let change = 0; change < 6; change += 1) {
      const depth = 1 + numbers.next(3);
      const path = Array.from({ length: depth }, () => `f${numbers.next(3)}`).join('/');
      const content = `${numbers.next(4)}`;
      const made = file(content, { size: numbers.next(5), mtime: startOf2026 + numbers.next(4) * day });
      history.set(`/${path}/${numbers.pick(names)}`, numbers.next(4) === 0 ? null : made);
    }
    await history.save();
    states.push([...history.files()]);
  }
  const opened = await open();
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const suffix = numbers.pick(['.log', '.txt', '']);
    const minimumSize = numbers.next(4);
    const since = startOf2026 + numbers.next(4) * day;
    const below = `/f${numbers.next(3)}`;
    const expected = new Set<string>();
    for (const [point, state] of states.entries()) {
      for (const [path, { size, mtime, content }] of state) {
        const fits = path.endsWith(suffix) && size >= minimumSize && mtime >= since && path.startsWith(`${below}/`);
        if (fits) expected.add(`${point} ${path} ${size} ${mtime} ${content}`);
      }
    }
    const found = await opened.find({
      pattern: `*${suffix}`,
      type: 'file',
      minimumSize,
      changedSince: new Date(since * 1000),
      folder: below,
    });
    const pairs = found.flatMap(({ path, size, mtime, points }) =>
      points.map(({ time }) => {
        const point = Math.round((Date.parse(time) / 1000 - startOf2026) / day);
        const content = states[point]?.find(([other]) => other === path)?.[1].content;
        return `${point} ${path} ${size} ${Date.parse(mtime) / 1000} ${content}`;
      }),
    );
    expect(pairs).toHaveLength(expected.size);
    expect(new Set(pairs)).toEqual(expected);
  }
});
