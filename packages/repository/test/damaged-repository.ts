import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { expect } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import type { BlobType } from '../src/format/blob.ts';
import { decodeIndexFile } from '../src/format/index-file.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { runRestic } from './stock-restic.ts';

/** A point of a repository, and a copy of what it protects. */
export interface Point {
  readonly id: SnapshotId;
  readonly source: string;
  readonly content: string;
}

/** A repository of a few small packs with three points, of which two share data. */
export interface Fixture {
  readonly folder: string;
  readonly location: string;
  readonly repository: Repository;
  readonly points: readonly Point[];
}

/** Makes one below a folder. */
export async function makeFixture(folder: string): Promise<Fixture> {
  const repository = await newCheapRepository(folder);
  const points: Point[] = [];
  const protect = async (name: string): Promise<void> => {
    const source = join(folder, name);
    const { snapshot_id: id } = await backup(repository, { source, parent: null, tags: [`of ${name}`] });
    const content = join(folder, `content ${points.length}`);
    cpSync(source, content, { recursive: true });
    points.push({ id, source, content });
  };
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name, 'inner'), { recursive: true });
    writeFileSync(join(folder, name, 'large'), randomBytes(700_000));
    writeFileSync(join(folder, name, 'inner', 'small'), `small file of ${name}`);
    writeFileSync(join(folder, name, 'same'), 'the same in both');
    await protect(name);
  }
  writeFileSync(join(folder, 'one', 'inner', 'new'), randomBytes(30_000));
  await protect('one');
  return { folder, location: repository.storage.location, repository, points };
}

/** A fixture whose repository is a copy of another one's, for a test to damage. */
export async function copyFixture(fixture: Fixture, folder: string): Promise<Fixture> {
  const location = join(folder, 'repository');
  cpSync(fixture.location, location, { recursive: true });
  return { ...fixture, folder, location, repository: await reopen({ location }) };
}

/** Paths of the packs that hold blobs of a type, by the index. */
export async function packsOf({ repository, location }: Fixture, type: BlobType): Promise<string[]> {
  const paths = new Set<string>();
  for (const name of await repository.listNames('index')) {
    for (const { id, blobs } of decodeIndexFile(await repository.loadUnpacked('index', name)) ?? []) {
      if (blobs.some((blob) => blob.type === type)) paths.add(join(location, 'data', id.slice(0, 2), id));
    }
  }
  return [...paths].sort();
}

/** Opens the repository anew, as another process would. */
export function reopen({ location }: Pick<Fixture, 'location'>): Promise<Repository> {
  return openRepository(openStorage(location), password, systemClock);
}

/** Paths of the files of a kind in a repository's folder, the largest first. */
export function filesOf(location: string, kind: string): string[] {
  return readdirSync(join(location, kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((left, right) => readFileSync(right).length - readFileSync(left).length || (left < right ? -1 : 1));
}

/** Path of the largest file of a kind. */
export function largestOf(location: string, kind: string): string {
  const [first] = filesOf(location, kind);
  if (first === undefined) throw new Error(`the repository has a file in ${kind}`);
  return first;
}

/** Ways to damage a file. */
export const damages = {
  'a flipped bit': (path: string): void => {
    flipBit(path, Math.floor(readFileSync(path).length / 2));
  },
  'a cut end': (path: string): void => {
    chmodSync(path, 0o600);
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
  },
  'no content': (path: string): void => {
    chmodSync(path, 0o600);
    truncateSync(path, 0);
  },
  'its loss': (path: string): void => {
    rmSync(path);
  },
} as const;

/** Flips one bit of the byte at a place. */
export function flipBit(path: string, at: number): void {
  chmodSync(path, 0o600);
  const data = readFileSync(path);
  data[at] = (data[at] as number) ^ 1;
  writeFileSync(path, data);
}

/** Every file below a folder with its content, by relative path. */
export function contentOf(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );
}

/** Expects that stock restic restores points to what they protect, byte for byte. */
export async function expectRestorable(
  location: string,
  points: readonly Point[],
  scratch: string,
  options: readonly string[] = [],
): Promise<void> {
  for (const { id, source, content } of points) {
    expect(await restoredContent(location, id, source, scratch, options)).toEqual(contentOf(content));
  }
}

/** What stock restic restores of a folder of a snapshot. */
export async function restoredContent(
  location: string,
  id: SnapshotId,
  source: string,
  scratch: string,
  options: readonly string[] = [],
): Promise<Map<string, Buffer>> {
  const target = join(scratch, `restored ${id.slice(0, 8)}`);
  rmSync(target, { recursive: true, force: true });
  expect(await runRestic(location, 'restore', id, '--target', target, ...options)).toMatchObject({ status: 0 });
  return contentOf(join(target, source));
}

/** Expects that stock restic finds nothing wrong in any byte; packs that no index lists are allowed where `orphans` says so. */
export async function expectResticContent(location: string, orphans = false): Promise<void> {
  const ran = await runRestic(location, 'check', '--read-data');
  expect(ran).toMatchObject({ status: 0 });
  expect(ran.stdout).toContain('no errors were found');
  if (!orphans) expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/not referenced in any index/);
}
