import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import { extendedAttributesSupported } from '@enterprise-backup/repository/posix/extended-attributes';
import { hasPosixCode } from '@enterprise-backup/repository/posix/posix-error';
import { ContentComparison } from './compare-content.ts';
import { compareMetadata, entryType, type AspectDifference, type ComparedEntry } from './compare-metadata.ts';
import { displayPath } from '@enterprise-backup/repository/display-path';
import { HardLinkGroups } from './hard-link-groups.ts';

/** One aspect in which the folders differ. `path` is relative to both, `.` for the folders themselves. */
export interface Difference extends AspectDifference {
  readonly path: string;
}

/** What a comparison found. */
export interface ComparisonOutcome {
  readonly identical: boolean;
  /** Entries of every kind that were compared, the two folders themselves included. */
  readonly entries: number;
  /** Files whose content was compared, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Sockets of the expected folder that the actual one lacks: a backup leaves them out, so they are no difference. */
  readonly sockets_left_out: number;
  /** False where this machine can read no extended attributes: then they were not compared. */
  readonly attributes_compared: boolean;
  /** All differences; of these the first ones are in `differences`. */
  readonly difference_count: number;
  readonly differences: readonly Difference[];
}

export interface ComparisonOptions {
  /** Whether owners are compared; default true. A user other than root cannot restore them. */
  readonly owners?: boolean;
  /** Most differences in the outcome; default 100. */
  readonly differencesKept?: number;
  /** Called at the start, about five times a second and at the end. Totals are null: they are not known beforehand. */
  readonly onProgress?: (progress: TaskProgress) => void;
  /** Aborting throws CANCELLED. */
  readonly signal?: AbortSignal;
}

const ROOT = Buffer.from('.');
const SLASH = Buffer.from('/');
const DIFFERENCES_KEPT = 100;
const PROGRESS_INTERVAL_MS = 200;

/** Entries between two turns of the event loop: the calls below block, since they cost a tenth of asynchronous ones. */
const ENTRIES_PER_TURN = 32;

/**
 * Compares two folders, the folders themselves and everything below: names byte for byte, types, contents byte for byte
 * and all metadata that a restore can bring back (see `compareMetadata`), and which names are hard links of one file.
 * Nothing is written and no link is followed. What is missing or extra is counted once, without what lies below it.
 * What cannot be read is a difference: it is not proven to be the same.
 *
 * Memory does not grow with the size of files; it does with the largest folder and the number of hard links.
 *
 * Throws SOURCE_MISSING when `expected` is not a folder, SOURCE_UNREADABLE when that cannot be told, CANCELLED.
 */
export async function compareFolders(
  expected: string,
  actual: string,
  options: ComparisonOptions = {},
): Promise<ComparisonOutcome> {
  requireFolder(expected);
  const comparison = new FolderComparison(options);
  const report = (phase: TaskProgress['phase']): void => options.onProgress?.(comparison.progress(phase));
  report('verifying');
  const timer = setInterval(report, PROGRESS_INTERVAL_MS, 'verifying');
  try {
    await comparison.compareEntries(Buffer.from(expected), Buffer.from(actual), ROOT);
  } finally {
    clearInterval(timer);
  }
  report('done');
  return comparison.outcome();
}

class FolderComparison {
  readonly #owners: boolean;
  readonly #kept: number;
  readonly #signal: AbortSignal | undefined;
  readonly #content = new ContentComparison();
  readonly #links = new HardLinkGroups();
  readonly #differences: Difference[] = [];
  #differenceCount = 0;
  #entries = 0;
  #files = 0;
  #bytes = 0;
  #socketsLeftOut = 0;

  constructor(options: ComparisonOptions) {
    this.#owners = options.owners ?? true;
    this.#kept = options.differencesKept ?? DIFFERENCES_KEPT;
    this.#signal = options.signal;
  }

  outcome(): ComparisonOutcome {
    return {
      identical: this.#differenceCount === 0,
      entries: this.#entries,
      files: this.#files,
      bytes: this.#bytes,
      sockets_left_out: this.#socketsLeftOut,
      attributes_compared: extendedAttributesSupported(),
      difference_count: this.#differenceCount,
      differences: this.#differences,
    };
  }

  progress(phase: TaskProgress['phase']): TaskProgress {
    return { phase, bytes_done: this.#bytes, bytes_total: null, files_done: this.#files, files_total: null };
  }

  /** Compares one entry, and what is below when it is a folder. `shown` is the path inside the folders. */
  async compareEntries(expectedPath: Buffer, actualPath: Buffer, shown: Buffer): Promise<void> {
    this.#entries += 1;
    if (this.#entries % ENTRIES_PER_TURN === 1) await this.#turn();
    try {
      const expected = { path: expectedPath, stats: lstatSync(expectedPath, { bigint: true }) };
      const type = entryType(expected.stats);
      const stats = statsIfPresent(actualPath);
      if (stats === null) {
        if (type === 'socket') this.#socketsLeftOut += 1;
        else this.#note(shown, { what: 'missing', expected: type, actual: 'nothing' });
        return;
      }
      const actual = { path: actualPath, stats };
      if (entryType(stats) !== type) {
        this.#note(shown, { what: 'type', expected: type, actual: entryType(stats) });
        return;
      }
      for (const difference of compareMetadata(expected, actual, { owners: this.#owners }))
        this.#note(shown, difference);
      if (type === 'file') await this.#compareFiles(expected, actual, shown);
      if (type === 'dir') await this.#compareChildren(expectedPath, actualPath, shown);
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      this.#note(shown, { what: 'unreadable', expected: 'readable on both sides', actual: messageOf(error) });
    }
  }

  async #compareFiles(expected: ComparedEntry, actual: ComparedEntry, shown: Buffer): Promise<void> {
    const verdict = this.#links.add(expected.stats, actual.stats);
    if (verdict === 'different') {
      const describe = ({ stats }: ComparedEntry): string => `inode ${stats.ino} with ${stats.nlink} links`;
      this.#note(shown, { what: 'hard_links', expected: describe(expected), actual: describe(actual) });
    }
    if (verdict === 'same_pair' || expected.stats.size !== actual.stats.size) return;
    const difference = await this.#content.firstDifference(expected.path, actual.path, async (bytes) => {
      this.#bytes += bytes;
      if (bytes > 65_536) await this.#turn();
    });
    this.#files += 1;
    if (difference !== null) {
      this.#note(shown, {
        what: 'content',
        expected: `${expected.stats.size} bytes`,
        actual: `differs from byte ${difference} on`,
      });
    }
  }

  async #compareChildren(expectedFolder: Buffer, actualFolder: Buffer, shown: Buffer): Promise<void> {
    const expectedNames = namesIn(expectedFolder);
    const extra = new Set(namesIn(actualFolder).map((name) => name.toString('latin1')));
    const below = shown === ROOT ? Buffer.alloc(0) : Buffer.concat([shown, SLASH]);
    for (const name of expectedNames) {
      extra.delete(name.toString('latin1'));
      await this.compareEntries(child(expectedFolder, name), child(actualFolder, name), Buffer.concat([below, name]));
    }
    for (const text of extra) {
      const name = Buffer.from(text, 'latin1');
      const stats = statsIfPresent(child(actualFolder, name));
      const actual = stats === null ? 'vanished meanwhile' : entryType(stats);
      this.#note(Buffer.concat([below, name]), { what: 'extra', expected: 'nothing', actual });
    }
  }

  #note(path: Buffer, difference: AspectDifference): void {
    this.#differenceCount += 1;
    if (this.#differences.length < this.#kept) this.#differences.push({ path: displayPath(path), ...difference });
  }

  async #turn(): Promise<void> {
    if (this.#signal?.aborted === true) throw new PlatformError('CANCELLED', 'the comparison was cancelled');
    await setImmediate();
  }
}

function requireFolder(path: string): void {
  let stats: BigIntStats | null;
  try {
    stats = statsIfPresent(Buffer.from(path));
  } catch (error) {
    throw new PlatformError('SOURCE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (stats?.isDirectory() !== true) throw new PlatformError('SOURCE_MISSING', `${path} is not a folder`);
}

function statsIfPresent(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function namesIn(folder: Buffer): Buffer[] {
  return readdirSync(folder, { encoding: 'buffer' }).sort((left, right) => left.compare(right));
}

function child(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}
