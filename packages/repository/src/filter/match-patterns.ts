import ignore from 'ignore';

/** Tells whether a path, relative to the protected folder, is meant by a set of patterns. */
export type PathFilter = (relativePath: string, isFolder: boolean) => boolean;

/** A filter from patterns as in .gitignore. A folder that matches takes all it holds with it. Without patterns nothing matches. */
export function matchPatterns(patterns: readonly string[]): PathFilter {
  if (patterns.length === 0) return () => false;
  const matcher = ignore.default({ ignorecase: false }).add([...patterns]);
  // A path that is not valid UTF-8 is matched with replacement characters in it.
  return (relativePath, isFolder) => matcher.ignores(isFolder ? `${relativePath}/` : relativePath);
}
