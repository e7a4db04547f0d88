import type { CachedNode, CacheReader } from './cache-reader.ts';

/** A difference between two snapshots. `metadata`: content, and with a folder what is in it, is equal or told of apart. */
export interface PointDifference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed' | 'metadata';
  readonly type: string;
  /** Bytes of a file in the first and in the second snapshot; null where there is nothing. */
  readonly sizeBefore: number | null;
  readonly sizeAfter: number | null;
}

/** Finds the differences between two trees, in the order of the paths. Folders that are equal cost nothing. */
export function* compareTrees(
  cache: CacheReader,
  before: number,
  after: number,
  folder = '',
): Generator<PointDifference> {
  if (before === after) return;
  const olds = new Map(cache.unlike(before, after).map((node) => [node.name, node]));
  const news = new Map(cache.unlike(after, before).map((node) => [node.name, node]));
  for (const name of [...new Set([...olds.keys(), ...news.keys()])].sort()) {
    const [old, now] = [olds.get(name), news.get(name)];
    if (old !== undefined && now !== undefined) yield* compareNodes(cache, old, now, folder);
    else if (old !== undefined) yield* listAll(cache, old, folder, 'removed');
    else if (now !== undefined) yield* listAll(cache, now, folder, 'added');
  }
}

function* compareNodes(
  cache: CacheReader,
  before: CachedNode,
  after: CachedNode,
  folder: string,
): Generator<PointDifference> {
  const path = `${folder}/${after.name}`;
  if (before.type !== after.type) {
    yield* listAll(cache, before, folder, 'removed');
    yield* listAll(cache, after, folder, 'added');
    return;
  }
  const sizes = { sizeBefore: sizeOf(before), sizeAfter: sizeOf(after) };
  if (before.content !== after.content) yield { path, change: 'changed', type: after.type, ...sizes };
  else if (before.metadata !== after.metadata) yield { path, change: 'metadata', type: after.type, ...sizes };
  if (before.subtree !== null && after.subtree !== null) {
    yield* compareTrees(cache, before.subtree, after.subtree, path);
  }
}

function* listAll(
  cache: CacheReader,
  node: CachedNode,
  folder: string,
  change: 'added' | 'removed',
): Generator<PointDifference> {
  const path = `${folder}/${node.name}`;
  const size = sizeOf(node);
  const sizes = change === 'added' ? { sizeBefore: null, sizeAfter: size } : { sizeBefore: size, sizeAfter: null };
  yield { path, change, type: node.type, ...sizes };
  if (node.subtree === null) return;
  for (const child of cache.children(node.subtree)) yield* listAll(cache, child, path, change);
}

function sizeOf({ type, size }: CachedNode): number {
  return type === 'file' ? size : 0;
}
