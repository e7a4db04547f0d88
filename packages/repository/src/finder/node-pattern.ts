/** What is looked for in the cache: each absent field takes everything. Sizes in bytes, times in ms since 1970. */
export interface NodePattern {
  /** Of the name alone: `*`, `?` and `[…]` as in SQLite's GLOB. */
  readonly name?: string | undefined;
  readonly ignoreCase: boolean;
  readonly type?: string | undefined;
  readonly minimumSize?: number | undefined;
  readonly maximumSize?: number | undefined;
  readonly changedSinceMs?: number | undefined;
  readonly changedBeforeMs?: number | undefined;
}

/**
 * The pattern of a name in the form of SQLite's GLOB, from a pattern that may be of a whole path: its last part, or
 * undefined when that takes any name.
 */
export function lastPart(pattern: string): string | undefined {
  const part = pattern.slice(pattern.lastIndexOf('/') + 1).replaceAll('[!', '[^');
  return part === '' || /^\*+$/.test(part) ? undefined : part;
}

/**
 * The parts of a pattern with slashes, each in the form of SQLite's GLOB, and whether the first is of the root; null for a
 * pattern in which `**` takes any number of folders.
 */
export function patternParts(
  pattern: string,
): { readonly parts: readonly string[]; readonly isAbsolute: boolean } | null {
  if (pattern.includes('**')) return null;
  const parts = pattern.split('/').filter((part) => part !== '');
  return { parts: parts.map((part) => part.replaceAll('[!', '[^')), isAbsolute: pattern.startsWith('/') };
}

/**
 * A test of whole paths from a pattern with slashes: `*` and `?` take no slash, `**` takes any. One that starts with a
 * slash is of the whole path, any other of its end.
 */
export function pathMatcher(pattern: string, ignoreCase: boolean): (path: string) => boolean {
  const start = pattern.startsWith('/') ? '^' : '(?:^|/)';
  let expression = '';
  for (let at = 0; at < pattern.length;) {
    const [text, replacement] = translate(pattern.slice(at));
    expression += replacement;
    at += text.length;
  }
  const matcher = new RegExp(`${start}${expression}$`, ignoreCase ? 'isu' : 'su');
  return (path) => matcher.test(path);
}

/** The first element of a pattern, and the regular expression for it. */
function translate(pattern: string): readonly [string, string] {
  if (pattern.startsWith('**/')) return ['**/', '(?:.*/)?'];
  if (pattern.startsWith('**')) return ['**', '.*'];
  if (pattern.startsWith('*')) return ['*', '[^/]*'];
  if (pattern.startsWith('?')) return ['?', '[^/]'];
  const set = /^\[([!^]?)(\]?[^\]]*)\]/s.exec(pattern);
  if (set !== null) {
    const [text, negated = '', members = ''] = set;
    return [text, `[${negated === '' ? '' : '^/'}${members.replace(/[\\\]^[]/g, '\\$&')}]`];
  }
  const [character = ''] = pattern;
  return [character, character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')];
}
