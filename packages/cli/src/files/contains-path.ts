/** Tells whether the folder `outer` is `inner` or holds it. Both are absolute and free of links. */
export function containsPath(outer: string, inner: string): boolean {
  const prefix = outer.endsWith('/') ? outer : `${outer}/`;
  return inner === outer || inner.startsWith(prefix);
}

/** Tells whether one of two folders is the other or holds it. Both are absolute and free of links. */
export function pathsOverlap(first: string, second: string): boolean {
  return containsPath(first, second) || containsPath(second, first);
}
