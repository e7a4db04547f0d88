import { snapshotId } from '@enterprise-backup/contracts/ids';
import type { CachedNode, CachedSnapshot } from './cache-reader.ts';
import type { FoundVersion, HistoryPoint } from './file-history.ts';
import { SnapshotSet } from './snapshot-set.ts';

/** Versions of paths, collected from nodes of several trees. */
export class VersionGroups {
  readonly #snapshots: readonly CachedSnapshot[];
  readonly #groups = new Map<string, { path: string; node: CachedNode; holders: SnapshotSet }>();

  constructor(snapshots: readonly CachedSnapshot[]) {
    this.#snapshots = snapshots;
  }

  /** Adds a node that stands under a path in some snapshots. Nodes that are equal there are one version. */
  add(path: string, node: CachedNode, holders: SnapshotSet): void {
    const key = `${path}\0${node.type}\0${node.content}\0${node.metadata}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { path, node, holders: new SnapshotSet(this.#snapshots.length) };
      this.#groups.set(key, group);
    }
    group.holders.addAll(holders);
  }

  versions(): FoundVersion[] {
    const found = [...this.#groups.values()].map(({ path, node: { type, mode, size, mtimeMs }, holders }) => {
      const places = [...holders];
      const points = places.flatMap((place) => this.#snapshots[place] ?? []).map(toPoint);
      const version: FoundVersion = { path, type, mode, size, mtime: new Date(mtimeMs).toISOString(), points };
      return { version, first: places[0] ?? 0 };
    });
    found.sort(
      (left, right) =>
        (left.version.path < right.version.path ? -1 : left.version.path > right.version.path ? 1 : 0) ||
        left.first - right.first,
    );
    return found.map(({ version }) => version);
  }
}

/** A snapshot of the cache as callers see it. */
export function toPoint({ id, time }: CachedSnapshot): HistoryPoint {
  return { id: snapshotId.parse(id), time };
}
