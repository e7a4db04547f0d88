import { hash } from 'node:crypto';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { asPackId, type PackContents, type PackId } from '../format/blob.ts';
import { decodeIndexFileWithMarks, type IndexFile, type MarkedPack } from '../format/index-file.ts';
import { packSize } from '../format/pack-header.ts';
import { inParallel } from '../in-parallel.ts';
import type { Repository } from '../repository.ts';
import { fetchedAtATime } from './index-ahead.ts';

/** A pack as index files list it. */
export interface ListedPack {
  /** Size in bytes that the pack has if the listing is right. */
  readonly size: number;
  /** Identifies the list of blobs, to compare it with that of another index file. */
  readonly digest: string;
  /** Whether it holds data and trees, as old versions wrote it. */
  readonly mixed: boolean;
  /** Index files that list it. */
  readonly listings: number;
  /** Whether two index files list different blobs for it. */
  readonly disputed: boolean;
}

/** An index file that cannot be used, and why, as a sentence. */
export interface UnreadableIndexFile {
  readonly name: string;
  readonly reason: string;
}

/** What the index files say and which packs the storage has, without the blobs: about 300 bytes a pack. */
export interface IndexSurvey {
  /** Readable index files. */
  readonly files: readonly string[];
  readonly unreadable: readonly UnreadableIndexFile[];
  readonly listed: ReadonlyMap<PackId, ListedPack>;
  /** Packs that no index file lists and that a prune has marked, to be deleted after its grace. */
  readonly marked: ReadonlySet<PackId>;
  /** Sizes of the packs in the storage, in bytes. */
  readonly stored: ReadonlyMap<PackId, number>;
}

/**
 * Surveys index files and packs. Damage is part of the survey; `onPack` gets each pack once, with the blobs that the
 * first index file lists for it, and `onMarked` what is marked, listed or not. Packs are listed after the index is read, so that what a backup has indexed by then is
 * among them. Throws a STORAGE_ error.
 */
export async function surveyIndex(
  repository: Repository,
  onPack: (pack: PackContents) => void,
  onMarked: (pack: MarkedPack) => void = () => undefined,
): Promise<IndexSurvey> {
  const files: string[] = [];
  const unreadable: UnreadableIndexFile[] = [];
  const listed = new Map<PackId, ListedPack>();
  const marked = new Set<PackId>();
  const reading = inParallel(await repository.listNames('index'), fetchedAtATime, async (name) => ({
    name,
    file: await readIndexFile(repository, name),
  }));
  for await (const { name, file } of reading) {
    if (file === null) continue;
    if (typeof file === 'string') {
      unreadable.push({ name, reason: file });
      continue;
    }
    files.push(name);
    for (const pack of file.packs) {
      const known = listed.get(pack.id);
      listed.set(pack.id, known === undefined ? describe(pack) : compare(known, pack));
      if (known === undefined) onPack(pack);
    }
    for (const pack of file.marked) {
      marked.add(pack.id);
      onMarked(pack);
    }
  }
  for (const id of listed.keys()) marked.delete(id);
  return { files, unreadable, listed, marked, stored: await listPacks(repository) };
}

/**
 * Reads an index file. Returns why it cannot be used as a sentence when it is damaged, and null when it is gone: another
 * client has replaced it since it was listed. Throws a STORAGE_ error.
 */
export async function readIndexFile(repository: Repository, name: string): Promise<IndexFile | string | null> {
  try {
    const file = decodeIndexFileWithMarks(await repository.loadUnpacked('index', name));
    return file ?? `the index file ${name} is not a valid index`;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'STORAGE_FILE_MISSING') return null;
    if (error.kind === 'damage') return error.message;
    throw error;
  }
}

/** The packs that index files list and that are wanted, each once, file by file. Files that cannot be read are passed over. */
export async function* listIndexedPacks(
  repository: Repository,
  files: readonly string[],
  wanted: (id: PackId) => boolean,
): AsyncGenerator<PackContents> {
  const given = new Set<PackId>();
  for (const name of files) {
    const file = await readIndexFile(repository, name);
    if (file === null || typeof file === 'string') continue;
    for (const pack of file.packs) {
      if (given.has(pack.id) || !wanted(pack.id)) continue;
      given.add(pack.id);
      yield pack;
    }
  }
}

async function listPacks(repository: Repository): Promise<Map<PackId, number>> {
  const stored = new Map<PackId, number>();
  for await (const { name, size } of repository.storage.list('data')) stored.set(asPackId(name), size);
  return stored;
}

function describe({ blobs }: PackContents): ListedPack {
  return {
    size: packSize(blobs),
    digest: hash('sha256', JSON.stringify(blobs), 'base64').slice(0, 22),
    mixed: blobs.some(({ type }) => type !== blobs[0]?.type),
    listings: 1,
    disputed: false,
  };
}

function compare(known: ListedPack, pack: PackContents): ListedPack {
  const disputed = known.disputed || describe(pack).digest !== known.digest;
  return { ...known, listings: known.listings + 1, disputed };
}
