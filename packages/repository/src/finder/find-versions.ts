import type { CachedNode, CachedSnapshot, CacheReader } from './cache-reader.ts';
import type { FindQuery, FoundVersion } from './file-history.ts';
import { lastPart, pathMatcher, patternParts, type NodePattern } from './node-pattern.ts';
import { TreePlaces } from './tree-places.ts';
import { VersionGroups } from './version-groups.ts';

/** Finds all versions of everything that a query takes, in these snapshots. */
export function findVersions(
  cache: CacheReader,
  snapshots: readonly CachedSnapshot[],
  query: FindQuery,
): FoundVersion[] {
  const { pattern, ignoreCase = false } = query;
  const isOfPath = pattern?.includes('/') === true;
  const matchesPath = isOfPath ? pathMatcher(pattern, ignoreCase) : () => true;
  const start = `${toPath(query.folder ?? '')}/`.replace('//', '/');
  const places = new TreePlaces(cache, snapshots);
  const groups = new VersionGroups(snapshots);
  for (const node of candidates(cache, snapshots, query)) {
    for (const [parent, holders] of places.of(node.tree)) {
      const path = `${parent}/${node.name}`;
      if (path.startsWith(start) && matchesPath(path)) groups.add(path, node, holders);
    }
  }
  return groups.versions();
}

/** Nodes that the query may take: all that it does, and some whose path it does not. */
function candidates(cache: CacheReader, snapshots: readonly CachedSnapshot[], query: FindQuery): Iterable<CachedNode> {
  const { pattern, ignoreCase = false } = query;
  const conditions: NodePattern = {
    name: pattern === undefined ? undefined : lastPart(pattern),
    ignoreCase,
    type: query.type,
    minimumSize: query.minimumSize,
    maximumSize: query.maximumSize,
    changedSinceMs: query.changedSince?.getTime(),
    changedBeforeMs: query.changedBefore?.getTime(),
  };
  const path = pattern?.includes('/') === true ? patternParts(pattern) : null;
  if (path === null || (path.parts.length < 2 && !path.isAbsolute)) return cache.matches(conditions);
  const roots = new Set(snapshots.map(({ tree }) => tree));
  return descend(cache, path, roots, conditions);
}

/** From the folders that the first parts of a path take down to what the last one takes: the others are not looked at. */
function* descend(
  cache: CacheReader,
  { parts, isAbsolute }: { readonly parts: readonly string[]; readonly isAbsolute: boolean },
  roots: ReadonlySet<number>,
  conditions: NodePattern,
): Generator<CachedNode> {
  const { ignoreCase } = conditions;
  let folders = new Set(roots);
  const [first, ...others] = parts;
  if (!isAbsolute) {
    folders = new Set();
    for (const { subtree } of cache.matches({ name: first, ignoreCase, type: 'dir' })) {
      if (subtree !== null) folders.add(subtree);
    }
  }
  const rest = isAbsolute ? parts : others;
  for (const part of rest.slice(0, -1)) {
    const next = new Set<number>();
    for (const folder of folders) {
      for (const { subtree } of cache.childrenLike(folder, part, ignoreCase)) if (subtree !== null) next.add(subtree);
    }
    folders = next;
  }
  for (const folder of folders) {
    for (const node of cache.childrenLike(folder, rest.at(-1) ?? '*', ignoreCase)) {
      if (fits(node, conditions)) yield node;
    }
  }
}

function fits({ type, size, mtimeMs }: CachedNode, conditions: NodePattern): boolean {
  const {
    minimumSize = 0,
    maximumSize = Infinity,
    changedSinceMs = -Infinity,
    changedBeforeMs = Infinity,
  } = conditions;
  return (
    (conditions.type === undefined || conditions.type === type) &&
    size >= minimumSize &&
    size <= maximumSize &&
    mtimeMs >= changedSinceMs &&
    mtimeMs < changedBeforeMs
  );
}

function toPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}
