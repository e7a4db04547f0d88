import type { CachedSnapshot, CacheReader } from './cache-reader.ts';
import { SnapshotSet } from './snapshot-set.ts';

/** Where trees stand: under which paths, and in which snapshots. Found by climbing from a tree to those that hold it. */
export class TreePlaces {
  readonly #cache: CacheReader;
  readonly #count: number;
  /** The snapshots whose root a tree is. */
  readonly #roots = new Map<number, number[]>();
  readonly #known = new Map<number, ReadonlyMap<string, SnapshotSet>>();

  /** `snapshots` are those that count; a set names them by their place in this list. */
  constructor(cache: CacheReader, snapshots: readonly CachedSnapshot[]) {
    this.#cache = cache;
    this.#count = snapshots.length;
    for (const [place, { tree }] of snapshots.entries()) {
      const places = this.#roots.get(tree) ?? [];
      this.#roots.set(tree, [...places, place]);
    }
  }

  /** Paths of a tree, the root's being empty, and the snapshots that have it there. A tree that no snapshot reaches has none. */
  of(tree: number): ReadonlyMap<string, SnapshotSet> {
    const known = this.#known.get(tree);
    if (known !== undefined) return known;
    const places = new Map<string, SnapshotSet>();
    const at = (path: string): SnapshotSet => {
      const set = places.get(path) ?? new SnapshotSet(this.#count);
      places.set(path, set);
      return set;
    };
    for (const place of this.#roots.get(tree) ?? []) at('').add(place);
    for (const parent of this.#cache.parents(tree)) {
      for (const [path, snapshots] of this.of(parent.tree)) at(`${path}/${parent.name}`).addAll(snapshots);
    }
    this.#known.set(tree, places);
    return places;
  }
}
