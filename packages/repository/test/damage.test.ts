import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import {
  temporaryDirectory,
  temporaryDirectoryForTest,
  type TemporaryDirectory,
} from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { checkPack } from '../src/checker/check-pack.ts';
import { check } from '../src/checker/check.ts';
import { isDamage } from '../src/damage.ts';
import { decodeIndexFile } from '../src/format/index-file.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import type { Storage } from '../src/storage/storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { contentOf, copyFixture, filesOf, flipBit, makeFixture, reopen, type Point } from './damaged-repository.ts';
import { MemoryStorage, readFiles, type MemoryFile } from './memory-storage.ts';
import { SeededNumbers } from './random-history.ts';
import { readPoint } from './read-point.ts';
import { chooseCases, isLongRun, seed } from './run-length.ts';

/** A part of a file that has a meaning of its own, from `start` up to `end`. */
interface Region {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of something sealed: what was flipped in the vector, the ciphertext or the tag shows in different ways. */
function sealedRegions(what: string, start: number, length: number): Region[] {
  return [
    { what: `vector of ${what}`, start, end: start + 16 },
    { what: `content of ${what}`, start: start + 16, end: start + length - 16 },
    { what: `tag of ${what}`, start: start + length - 16, end: start + length },
  ].filter((region) => region.end > region.start);
}

/** Codes with which a repository that is damaged may refuse to open. */
const refusals = ['CONFIG_DAMAGED', 'KEY_NOT_FOUND', 'PASSWORD_WRONG', 'REPOSITORY_NOT_FOUND', 'STORAGE_FILE_MISSING'];
/** What this process may take in memory beyond what it had, in bytes, whatever it is given to read. */
const memoryBound = 512 * 1024 * 1024;

describe('damage in a small repository', () => {
  let directory: TemporaryDirectory;
  let whole: MemoryStorage;
  let files: MemoryFile[];
  let regions: Map<MemoryFile, Region[]>;
  const points: Point[] = [];
  const contents = new Map<Point, Map<string, Buffer>>();

  beforeAll(async () => {
    directory = temporaryDirectory('damage');
    const source = join(directory.path, 'source');
    const repository = await newCheapRepository(directory.path);
    mkdirSync(join(source, 'inner'), { recursive: true });
    writeFileSync(join(source, 'text'), 'text that can be compressed '.repeat(5));
    writeFileSync(join(source, 'inner', 'empty'), '');
    for (const name of ['first', 'second']) {
      writeFileSync(join(source, 'inner', name), `the ${name} file`);
      const { snapshot_id: id } = await backup(repository, { source, parent: null });
      const point = { id, source, content: source };
      points.push(point);
      contents.set(point, contentOf(source));
    }
    files = readFiles(repository.storage.location);
    whole = new MemoryStorage(files);
    const packs = await packContents(repository);
    regions = new Map(files.map((file) => [file, regionsOf(file, packs)]));
  });

  afterAll(() => {
    directory.remove();
  });

  const packContents = async (repository: Repository) => {
    const packs = [];
    for (const name of await repository.listNames('index')) {
      packs.push(...(decodeIndexFile(await repository.loadUnpacked('index', name)) ?? []));
    }
    return packs;
  };

  const regionsOf = ({ type, name, data }: MemoryFile, packs: Awaited<ReturnType<typeof packContents>>): Region[] => {
    if (type === 'keys') {
      // Each field of the JSON, with its name.
      const cuts = [...data.toString('latin1').matchAll(/[{,}]/g)].map(({ index }) => index);
      return cuts.map((start, at) => ({ what: 'field of the key', start, end: cuts[at + 1] ?? data.length }));
    }
    if (type !== 'data') return sealedRegions(type, 0, data.length);
    const blobs = packs.find(({ id }) => id === name)?.blobs ?? [];
    const header = blobs.reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
    return [
      ...blobs.flatMap(({ type: kind, offset, length }) => sealedRegions(`${kind} blob`, offset, length)),
      ...sealedRegions('header', header, data.length - 4 - header),
      { what: 'length of the header', start: data.length - 4, end: data.length },
    ];
  };

  /** What a check with --read-data finds first, or the refusal to open; null when it finds nothing. */
  const detect = async (storage: Storage): Promise<string | null> => {
    let repository: Repository;
    try {
      repository = await openRepository(storage, password, systemClock);
    } catch (error) {
      if (error instanceof PlatformError && refusals.includes(error.code)) return error.code;
      throw error;
    }
    const { findings } = await check(repository);
    const [found] = findings.filter(({ severity }) => severity === 'error');
    if (found !== undefined) return found.code;
    // What the threads of a check do with each pack.
    for (const pack of await packContents(repository)) {
      const { faults, blobs } = await checkPack(repository.key, pack, await storage.get('data', pack.id));
      if (faults.length + blobs.length > 0) return 'PACK_DAMAGED';
    }
    return null;
  };

  /** Restores every point. Each gives its right bytes or fails with a code that says so. */
  const restoreAll = async (storage: Storage): Promise<void> => {
    const repository = await openRepository(storage, password, systemClock).catch((error: unknown) => {
      if (error instanceof PlatformError) return null;
      throw error;
    });
    if (repository === null) return;
    for (const point of points) {
      const read = await readPoint(repository, point).catch((error: unknown) => {
        if (isDamage(error) || (error instanceof PlatformError && error.code === 'SNAPSHOT_NOT_FOUND')) return null;
        throw error;
      });
      if (read !== null) expect(read).toEqual(contents.get(point));
    }
  };

  const judge = async (file: MemoryFile, data: Buffer | null, what: string): Promise<void> => {
    const damaged = whole.with(file, data);
    try {
      expect(await detect(damaged), 'it must be noticed').not.toBeNull();
      await restoreAll(damaged);
    } catch (error) {
      throw new Error(`${what} of ${file.type}/${file.name}`, { cause: error });
    }
  };

  const flipped = (data: Buffer, at: number, bit: number): Buffer => {
    const copy = Buffer.from(data);
    copy[at] = (copy[at] ?? 0) ^ (1 << bit);
    return copy;
  };

  it('has nothing that is found when nothing is damaged', async () => {
    expect(await detect(whole)).toBeNull();
    expect(files.map(({ type }) => type).sort()).toEqual(expect.arrayContaining(['config', 'data', 'index', 'keys']));
    await restoreAll(whole);
  });

  it('every flipped bit is noticed, and never restored as right', { timeout: 3_600_000 }, async () => {
    const before = process.memoryUsage.rss();
    let count = 0;
    for (const file of files) {
      for (const [number, { what, start, end }] of (regions.get(file) ?? []).entries()) {
        const bits = Array.from({ length: (end - start) * 8 }, (_, bit) => bit);
        for (const bit of chooseCases(`flip ${file.type} ${number}`, bits, 6)) {
          const at = start + Math.floor(bit / 8);
          await judge(file, flipped(file.data, at, bit % 8), `bit ${bit % 8} of byte ${at} (${what})`);
          count += 1;
        }
      }
    }
    if (isLongRun) expect(count).toBe(files.reduce((bits, { data }) => bits + data.length * 8, 0));
    expect(process.memoryUsage.rss() - before).toBeLessThan(memoryBound);
    process.stdout.write(`${count} flipped bits of ${files.length} files, all noticed\n`);
  });

  it('every cut is noticed, and so is every lost file', { timeout: 3_600_000 }, async () => {
    const before = process.memoryUsage.rss();
    let count = 0;
    for (const file of files) {
      const lengths = Array.from({ length: file.data.length }, (_, length) => length);
      for (const length of [0, ...chooseCases(`cut ${file.type} ${file.name}`, lengths, 12)]) {
        await judge(file, file.data.subarray(0, length), `the cut to ${length} bytes`);
        count += 1;
      }
      // What a repository without a snapshot or an index file lacks, nothing in it tells: those are what a restore misses.
      if (file.type === 'snapshots' || file.type === 'index') await restoreAll(whole.with(file, null));
      else await judge(file, null, 'the loss');
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(memoryBound);
    process.stdout.write(`${count} cuts of ${files.length} files, all noticed\n`);
  });

  it('bytes at the end of a file are noticed', async () => {
    for (const file of files) {
      for (const more of [Buffer.of(0), Buffer.from('x'), Buffer.alloc(100)]) {
        await judge(file, Buffer.concat([file.data, more]), `${more.length} bytes more at the end`);
      }
    }
  });
});

/** What the threads of the engine make of it, with packs of several chunks. */
describe('damage in a larger repository', () => {
  it(
    'a flipped bit or a cut anywhere is found by check, and no restore gives wrong bytes',
    { timeout: 7_200_000 },
    async () => {
      const fixture = await makeFixture(temporaryDirectoryForTest('damage-larger'));
      const numbers = new SeededNumbers(`${seed} larger`);
      const kinds = ['data', 'data', 'data', 'index', 'snapshots', 'keys'] as const;
      for (let round = 0; round < (isLongRun ? 300 : 2); round += 1) {
        const folder = join(fixture.folder, `round ${round}`);
        const { location } = await copyFixture(fixture, folder);
        const path = numbers.pick(filesOf(location, numbers.pick(kinds)));
        const { length } = readFileSync(path);
        const at = numbers.next(length);
        const cuts = numbers.next(3) === 0;
        const what = `${cuts ? 'cut to' : 'flip at'} ${at} of ${path}, SEED=${seed}`;
        if (cuts) {
          chmodSync(path, 0o600);
          truncateSync(path, at);
        } else flipBit(path, at);

        const repository = await reopen({ location }).catch((error: unknown) => {
          if (error instanceof PlatformError && refusals.includes(error.code)) return null;
          throw error;
        });
        if (repository === null) continue;
        const { findings } = await check(repository, { readData: true });
        expect(
          findings.filter(({ severity }) => severity === 'error'),
          what,
        ).not.toEqual([]);
        for (const [number, { id, source, content }] of fixture.points.entries()) {
          const target = join(folder, `target ${number}`);
          mkdirSync(target);
          const failure = await restore(repository, { snapshot: id, folder: source, target }).then(
            () => null,
            (error: unknown) => error,
          );
          if (failure !== null) expect(isDamage(failure), `an error that says so after ${what}`).toBe(true);
          const expected = contentOf(content);
          const restored = contentOf(target);
          for (const [name, bytes] of restored) {
            expect(expected.get(name)?.equals(bytes), `${name} after ${what}`).toBe(true);
          }
          if (failure === null) expect(restored.size, what).toBe(expected.size);
        }
      }
    },
  );
});
