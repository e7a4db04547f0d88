import { encodeIndexFile, type MarkedListing } from '../format/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import { confirmLocks } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import { releaseMemory } from '../release-memory.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import type { PackTable, TablePack } from './pack-table.ts';
import type { PruneState } from './prune-plan.ts';

/** An index file that lists fewer blobs than this is merged with others when files are replaced anyway. */
const smallFile = 10_000;
/** Blobs that a file of marks lists. */
const blobsPerFile = 50_000;

/** What became of the index. */
export interface SwapResult {
  /** Packs that no index file lists any more, and that are marked. */
  readonly marked: readonly TablePack[];
  readonly recovered: readonly TablePack[];
  /** Packs that are gone and no longer listed. */
  readonly dropped: readonly TablePack[];
  /** Index files that the storage protects for now: what they list is still in the index. */
  readonly putOff: readonly string[];
}

/** What an index file says. */
interface FileContents {
  readonly packs: TablePack[];
  readonly marks: TablePack[];
  blobs: number;
}

/**
 * Takes packs out of the index and marks them, and lists recovered ones again.
 *
 * Must run under the exclusive lock, right after `catchUp`: a backup that uses the lock then never finds a blob in the
 * index that is about to leave it.
 *
 * Order of writes: marks, then the new index files, then the old ones are removed. A mark counts only for a pack that no
 * index file lists, so a crash after the marks changes nothing. One after the new files leaves packs that are listed
 * twice; one among the removals leaves some packs out of the index, all of them marked. The next run goes on from there.
 *
 * Throws CANCELLED, REPOSITORY_LOCK_LOST, or a STORAGE_ error.
 */
export async function swapIndex(repository: Repository, state: PruneState, signal: AbortSignal): Promise<SwapResult> {
  const { table, decisions } = state;
  const actionOf = (pack: TablePack) => decisions.get(pack)?.action ?? 'keep';
  const goes = (pack: TablePack) => ['mark', 'repack', 'drop'].includes(actionOf(pack));
  const marked = table.packs.filter((pack) => goes(pack) && pack.storedSize !== null);
  const recovered = table.packs.filter((pack) => actionOf(pack) === 'recover');
  const dropped = table.packs.filter((pack) => goes(pack) && pack.storedSize === null && pack.listedIn.length > 0);

  const staysMarked = (pack: TablePack) =>
    pack.storedSize !== null && pack.listedIn.length === 0 && ['wait', 'delete'].includes(actionOf(pack));
  const files = contentsOfFiles(state);
  const replaced = chooseReplaced(files, goes, (pack) => staysMarked(pack) && pack.markedIn.length === 1);

  const now = repository.clock.now().getTime();
  const carried = table.packs.filter((pack) => staysMarked(pack) && pack.markedIn.some((name) => replaced.has(name)));
  const marks = [
    ...marked.map((pack) => ({ pack, markedAt: now })),
    ...carried.map((pack) => ({ pack, markedAt: pack.markedAt ?? now })),
  ];
  await saveMarks(repository, table, marks, signal);
  const writer = new IndexWriter(repository);
  for (const pack of table.packs) {
    const isLostWithFiles = pack.listedIn.length > 0 && pack.listedIn.every((name) => replaced.has(name));
    if (goes(pack) || (!isLostWithFiles && actionOf(pack) !== 'recover')) continue;
    throwIfAborted(signal);
    await writer.add(table.contentsOf(pack));
  }
  await writer.flush();

  await confirmLocks(repository);
  const putOff: string[] = [];
  for (const name of replaced) {
    throwIfAborted(signal);
    if (!(await removeUnlessLocked(repository.storage, 'index', name))) putOff.push(name);
  }
  return { marked, recovered, dropped, putOff };
}

function contentsOfFiles({ table, indexFiles }: PruneState): Map<string, FileContents> {
  const files = new Map<string, FileContents>();
  for (const name of indexFiles) files.set(name, { packs: [], marks: [], blobs: 0 });
  for (const pack of table.packs) {
    for (const name of pack.listedIn) {
      const file = files.get(name);
      file?.packs.push(pack);
      if (file !== undefined) file.blobs += pack.end - pack.start;
    }
    for (const name of pack.markedIn) files.get(name)?.marks.push(pack);
  }
  return files;
}

/** Files that say nothing, something that is not to stay, or what a file that stays says already; if there are any, small ones too. */
function chooseReplaced(
  files: ReadonlyMap<string, FileContents>,
  goes: (pack: TablePack) => boolean,
  keepsMark: (pack: TablePack) => boolean,
): Set<string> {
  const replaced = new Set<string>();
  const listed = new Set<TablePack>();
  for (const [name, { packs, marks }] of files) {
    const isTrue = packs.every((pack) => !goes(pack) && !listed.has(pack)) && marks.every(keepsMark);
    if (!isTrue || packs.length + marks.length === 0) replaced.add(name);
    else for (const pack of packs) listed.add(pack);
  }
  if (replaced.size > 0) {
    for (const [name, { packs, blobs }] of files) if (packs.length > 0 && blobs < smallFile) replaced.add(name);
  }
  return replaced;
}

/** Marks stand in files of their own, so that they can go without the index being written again. */
async function saveMarks(
  repository: Repository,
  table: PackTable,
  marks: readonly { readonly pack: TablePack; readonly markedAt: number }[],
  signal: AbortSignal,
): Promise<void> {
  let pending: MarkedListing[] = [];
  let blobs = 0;
  for (const [at, { pack, markedAt }] of marks.entries()) {
    const size = pack.indexedSize === null ? pack.storedSize : null;
    pending.push({ ...table.contentsOf(pack), markedAt, size });
    blobs += pack.end - pack.start;
    if (blobs < blobsPerFile && at < marks.length - 1) continue;
    throwIfAborted(signal);
    const json = encodeIndexFile([], pending);
    await repository.saveUnpacked('index', json);
    releaseMemory(json);
    pending = [];
    blobs = 0;
  }
}
