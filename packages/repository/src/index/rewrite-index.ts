import type { PackContents, PackId } from '../format/blob.ts';
import { encodeIndexFile } from '../format/index-file.ts';
import { confirmLocks } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { readIndexFile } from './index-survey.ts';
import { IndexWriter } from './index-writer.ts';

/** What is to become of the index. */
export interface IndexChange {
  /** Readable index files. Those that list a pack which goes are replaced. */
  readonly files: readonly string[];
  /** Index files that are removed without a replacement. */
  readonly obsolete: readonly string[];
  /** Packs to list, which are durably stored. */
  readonly added: Iterable<PackContents> | AsyncIterable<PackContents>;
  /** Whether the files' own listing of a pack goes. Asked after all of `added` has been taken. */
  readonly dropped: (pack: PackId) => boolean;
}

/** What became of the index. */
export interface IndexChangeResult {
  /** Index files that were removed. */
  readonly removed: readonly string[];
  /** Index files that the storage protects for now. What they say is no longer true. */
  readonly putOff: readonly string[];
}

/**
 * Changes what the index lists, file by file, so that no more than some files are in memory. Marks of packs that are to be
 * deleted stay.
 *
 * New index files are written first and the old ones removed last. A crash in between leaves packs that are listed twice:
 * as before, and as after. Readers try every listed copy of a blob, and the same change made again removes the rest.
 * Throws CANCELLED or a STORAGE_ error; nothing is removed then, save when a removal itself fails.
 */
export async function rewriteIndex(
  repository: Repository,
  change: IndexChange,
  signal: AbortSignal,
): Promise<IndexChangeResult> {
  const writer = new IndexWriter(repository);
  const written = new Set<PackId>();
  for await (const pack of change.added) {
    throwIfAborted(signal);
    written.add(pack.id);
    await writer.add(pack);
  }
  const replaced: string[] = [];
  for (const name of change.files) {
    throwIfAborted(signal);
    const file = await readIndexFile(repository, name);
    if (file === null || typeof file === 'string') continue;
    const { packs, marked } = file;
    const goes = ({ id }: PackContents) => written.has(id) || change.dropped(id);
    if (!packs.some(goes)) continue;
    replaced.push(name);
    if (marked.length > 0) await repository.saveUnpacked('index', encodeIndexFile([], marked));
    for (const pack of packs) {
      if (goes(pack)) continue;
      written.add(pack.id);
      await writer.add(pack);
    }
  }
  await writer.flush();
  throwIfAborted(signal);
  await confirmLocks(repository);
  const removed: string[] = [];
  const putOff: string[] = [];
  for (const name of [...replaced, ...change.obsolete]) {
    const isGone = await removeUnlessLocked(repository.storage, 'index', name);
    (isGone ? removed : putOff).push(name);
  }
  return { removed, putOff };
}
