import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { UnreadableSnapshot } from '../readable-snapshots.ts';
import type { Repository } from '../repository.ts';
import { isCacheDamage, openCacheFile, removeCacheFile } from './cache-file.ts';
import { CacheReader, type CachedNode, type CachedSnapshot } from './cache-reader.ts';
import { compareTrees, type PointDifference } from './compare-points.ts';
import { findVersions } from './find-versions.ts';
import { SnapshotSet } from './snapshot-set.ts';
import { updateCache } from './update-cache.ts';
import { toPoint, VersionGroups } from './version-groups.ts';

export type { PointDifference } from './compare-points.ts';

/** A snapshot of the history. */
export interface HistoryPoint {
  readonly id: SnapshotId;
  /** RFC 3339. */
  readonly time: string;
}

/** One version of a file, folder or anything else, and the snapshots that hold it. */
export interface FoundVersion {
  /** Absolute inside the snapshots; bytes that are not text are escaped. */
  readonly path: string;
  readonly type: string;
  /** Go's os.FileMode. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** RFC 3339, to the millisecond. */
  readonly mtime: string;
  /** Oldest first, never empty. */
  readonly points: readonly HistoryPoint[];
}

/** What is looked for; each absent field takes everything. */
export interface FindQuery {
  /**
   * Of the name (`*.log`), or of the path when it holds a slash (`logs/*.log`): `*`, `?` and `[…]`, which
   * take no slash in a path, and `**`, which does.
   */
  readonly pattern?: string | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Only below this absolute path. */
  readonly folder?: string | undefined;
  /** `file`, `dir`, `symlink`, … */
  readonly type?: string | undefined;
  readonly minimumSize?: number | undefined;
  readonly maximumSize?: number | undefined;
  /** Times of the last change of what is found, not of the snapshots. */
  readonly changedSince?: Date | undefined;
  readonly changedBefore?: Date | undefined;
  /** Only in these snapshots. */
  readonly points?: readonly SnapshotId[] | undefined;
}

/** How a history is opened. */
export interface HistoryOptions {
  /** A folder outside of the repository, in which the index is kept under the repository's id. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
  /** Told before each snapshot that is read into the index, with how many there are to read. */
  readonly onSnapshot?: ((done: number, total: number) => void) | undefined;
}

/**
 * What all snapshots of a repository hold, by name, size and time. It answers from an index in a cache file, which is brought
 * up to date when the history is opened: only trees that no earlier snapshot had are read. The file is disposable: it is
 * built anew when it is missing or damaged.
 */
export class FileHistory {
  readonly #repository: Repository;
  readonly #options: HistoryOptions;
  readonly #path: string;
  #database: DatabaseSync;
  #snapshots: readonly CachedSnapshot[] = [];
  #unreadable: readonly UnreadableSnapshot[] = [];

  private constructor(repository: Repository, options: HistoryOptions) {
    this.#repository = repository;
    this.#options = options;
    this.#path = join(options.cacheFolder, repository.id, 'files.sqlite');
    this.#database = openCacheFile(this.#path);
  }

  /**
   * Opens the history and reads what is new. Close it after use. Throws FILE_NOT_WRITABLE for the cache, INDEX_DAMAGED,
   * CANCELLED or a STORAGE_ error.
   */
  static async open(repository: Repository, options: HistoryOptions): Promise<FileHistory> {
    const history = new FileHistory(repository, options);
    try {
      await history.#update();
      return history;
    } catch (error) {
      history.close();
      throw error;
    }
  }

  /** The snapshots, oldest first. */
  get points(): HistoryPoint[] {
    return this.#snapshots.map(toPoint);
  }

  /** Snapshots that are damaged, and why, as a sentence: no answer knows what they hold. */
  get unreadable(): readonly UnreadableSnapshot[] {
    return this.#unreadable;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** All versions of everything that the query takes, in the order of the paths, the oldest version of each first. */
  async find(query: FindQuery): Promise<FoundVersion[]> {
    return this.#ask((cache) => findVersions(cache, this.#chosen(query.points), query));
  }

  /** All versions of what stands under a path, the oldest first. */
  async versionsOf(path: string): Promise<FoundVersion[]> {
    return this.#ask((cache) => {
      const groups = new VersionGroups(this.#snapshots);
      const plain = `/${splitPath(path).join('/')}`;
      for (const [place, { tree }] of this.#snapshots.entries()) {
        const node = findPath(cache, tree, path);
        if (node === null) continue;
        const holder = new SnapshotSet(this.#snapshots.length);
        holder.add(place);
        groups.add(plain, node, holder);
      }
      return groups.versions();
    });
  }

  /**
   * The version of what stands under a path in the newest snapshot that was made before a time and has it; null when none
   * has. Its `points` end with that snapshot.
   */
  async lastVersion(path: string, before: Date): Promise<FoundVersion | null> {
    const earlier = ({ time }: HistoryPoint) => Date.parse(time) < before.getTime();
    const versions = (await this.versionsOf(path))
      .map((version) => ({ ...version, points: version.points.filter(earlier) }))
      .filter(({ points }) => points.length > 0);
    const newest = ({ points }: FoundVersion) => Date.parse(points.at(-1)?.time ?? '');
    return versions.reduce<FoundVersion | null>(
      (last, version) => (last === null || newest(version) > newest(last) ? version : last),
      null,
    );
  }

  /** What differs between two snapshots, in the order of the paths. Throws SNAPSHOT_NOT_FOUND. */
  async compare(before: SnapshotId, after: SnapshotId): Promise<PointDifference[]> {
    return this.#ask((cache) => [...compareTrees(cache, this.#treeOf(before), this.#treeOf(after))]);
  }

  /** Runs a query; when the cache turns out to be damaged, again on a new one. */
  async #ask<Answer>(query: (cache: CacheReader) => Answer): Promise<Answer> {
    try {
      return query(new CacheReader(this.#database));
    } catch (error) {
      if (!isCacheDamage(error)) throw error;
      await this.#rebuild();
      return query(new CacheReader(this.#database));
    }
  }

  async #update(): Promise<void> {
    try {
      await this.#readNew();
    } catch (error) {
      if (!isCacheDamage(error)) throw error;
      await this.#rebuild();
    }
  }

  async #rebuild(): Promise<void> {
    this.close();
    removeCacheFile(this.#path);
    this.#database = openCacheFile(this.#path);
    await this.#readNew();
  }

  async #readNew(): Promise<void> {
    const { listed, unreadable } = await updateCache(this.#repository, this.#database, this.#options);
    this.#unreadable = unreadable;
    // A state of the past has fewer or more snapshots than the present one, in the same file: only those that are listed count.
    this.#snapshots = new CacheReader(this.#database).snapshots().filter(({ id }) => listed.has(id));
  }

  #chosen(points: readonly SnapshotId[] | undefined): readonly CachedSnapshot[] {
    if (points === undefined) return this.#snapshots;
    const chosen = new Set<string>(points);
    return this.#snapshots.filter(({ id }) => chosen.has(id));
  }

  #treeOf(id: SnapshotId): number {
    const found = this.#snapshots.find((snapshot) => snapshot.id === id);
    if (found === undefined) throw new PlatformError('SNAPSHOT_NOT_FOUND', `there is no snapshot ${id}`);
    return found.tree;
  }
}

function findPath(cache: CacheReader, root: number, path: string): CachedNode | null {
  let tree: number | null = root;
  let found: CachedNode | null = null;
  for (const name of splitPath(path)) {
    found = tree === null ? null : cache.child(tree, name);
    if (found === null) return null;
    tree = found.subtree;
  }
  return found;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
