import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { NodePattern } from './node-pattern.ts';

/** A snapshot in the cache. */
export interface CachedSnapshot {
  readonly id: string;
  readonly timeMs: number;
  readonly time: string;
  readonly tree: number;
}

/** A node in the cache. `tree` is the folder it stands in, `subtree` the one that it is. */
export interface CachedNode {
  readonly tree: number;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly subtree: number | null;
  /** Equal for nodes with equal content; likewise with metadata. */
  readonly content: string;
  readonly metadata: string;
}

const columns =
  'nodes.tree, names.text, nodes.type, nodes.size, nodes.mtime_ms, nodes.mode, nodes.subtree, nodes.content, nodes.metadata';

/** Asks the cache file. */
export class CacheReader {
  readonly #database: DatabaseSync;
  readonly #children: StatementSync;
  readonly #child: StatementSync;
  readonly #parents: StatementSync;
  readonly #changed: StatementSync;
  readonly #absent: StatementSync;
  readonly #childrenLike = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#children = database.prepare(
      `SELECT ${columns} FROM nodes JOIN names USING (name) WHERE nodes.tree = ? ORDER BY names.text`,
    );
    this.#child = database.prepare(
      `SELECT ${columns} FROM names JOIN nodes USING (name) WHERE names.text = ? AND nodes.tree = ?`,
    );
    this.#parents = database.prepare(
      'SELECT nodes.tree, names.text FROM nodes JOIN names USING (name) WHERE nodes.subtree = ?',
    );
    this.#changed = database.prepare(
      `SELECT ${columns}, ${columns.replaceAll('nodes.', 'later.')} FROM nodes
       JOIN nodes AS later ON later.tree = ?2 AND later.name = nodes.name
       JOIN names ON names.name = nodes.name
       WHERE nodes.tree = ?1 AND (nodes.content <> later.content OR nodes.metadata <> later.metadata
         OR nodes.subtree IS NOT later.subtree OR nodes.type <> later.type)`,
    );
    this.#absent = database.prepare(
      `SELECT ${columns} FROM nodes JOIN names USING (name)
       WHERE nodes.tree = ?1 AND NOT EXISTS (SELECT 1 FROM nodes AS other WHERE other.tree = ?2 AND other.name = nodes.name)`,
    );
    const statements = [this.#children, this.#child, this.#parents, this.#changed, this.#absent];
    for (const statement of statements) statement.setReturnArrays(true);
  }

  /** All snapshots, oldest first. */
  snapshots(): CachedSnapshot[] {
    const rows = this.#database.prepare('SELECT id, time_ms, time, tree FROM snapshots ORDER BY time_ms, id').all();
    return rows.map(({ id, time_ms, time, tree }) => ({
      id: String(id),
      timeMs: Number(time_ms),
      time: String(time),
      tree: Number(tree),
    }));
  }

  /** What a folder holds, in the order of the names. */
  children(tree: number): CachedNode[] {
    return (this.#children.all(tree) as unknown as readonly unknown[][]).map(toNode);
  }

  /** One entry of a folder, or null. */
  child(tree: number, name: string): CachedNode | null {
    const row = this.#child.get(name, tree) as unknown as readonly unknown[] | undefined;
    return row === undefined ? null : toNode(row);
  }

  /** The folders that hold a folder, and its name in each. */
  parents(subtree: number): { readonly tree: number; readonly name: string }[] {
    const rows = this.#parents.all(subtree) as unknown as readonly unknown[][];
    return rows.map(([tree, name]) => ({ tree: Number(tree), name: String(name) }));
  }

  /** Entries of the same name in two folders that are not equal: content, metadata, what is in them, or type. */
  changed(before: number, after: number): { readonly before: CachedNode; readonly after: CachedNode }[] {
    const rows = this.#changed.all(before, after) as unknown as readonly unknown[][];
    return rows.map((row) => ({ before: toNode(row), after: toNode(row.slice(row.length / 2)) }));
  }

  /** Entries of a folder of whose name another folder has none. */
  absent(tree: number, from: number): CachedNode[] {
    return (this.#absent.all(tree, from) as unknown as readonly unknown[][]).map(toNode);
  }

  /** Entries of a folder whose names match, as `matches` does it. */
  childrenLike(tree: number, name: string, ignoreCase: boolean): CachedNode[] {
    const condition = ignoreCase ? 'lower(names.text) GLOB lower(?)' : 'names.text GLOB ?';
    let statement = this.#childrenLike.get(condition);
    if (statement === undefined) {
      statement = this.#database.prepare(
        `SELECT ${columns} FROM nodes CROSS JOIN names USING (name) WHERE nodes.tree = ? AND ${condition}`,
      );
      statement.setReturnArrays(true);
      this.#childrenLike.set(condition, statement);
    }
    return (statement.all(tree, name) as unknown as readonly unknown[][]).map(toNode);
  }

  /** All nodes that a pattern takes, apart from the folders in which they stand. */
  *matches(pattern: NodePattern): Generator<CachedNode> {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const add = (condition: string, value: SQLInputValue | undefined) => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    const { name, ignoreCase } = pattern;
    if (name !== undefined && ignoreCase) add('lower(names.text) GLOB lower(?)', name);
    else if (name !== undefined && /[*?[]/.test(name)) add('names.text GLOB ?', name);
    else add('names.text = ?', name);
    add('nodes.type = ?', pattern.type);
    add('nodes.size >= ?', pattern.minimumSize);
    add('nodes.size <= ?', pattern.maximumSize);
    add('nodes.mtime_ms >= ?', pattern.changedSinceMs);
    add('nodes.mtime_ms < ?', pattern.changedBeforeMs);
    // The planner does not know how few names a pattern takes: the order of the tables is given.
    const from = name === undefined ? 'nodes CROSS JOIN names USING (name)' : 'names CROSS JOIN nodes USING (name)';
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const statement = this.#database.prepare(`SELECT ${columns} FROM ${from} ${where}`);
    statement.setReturnArrays(true);
    for (const row of statement.iterate(...values)) yield toNode(row as unknown as readonly unknown[]);
  }
}

function toNode(row: readonly unknown[]): CachedNode {
  const [tree, name, type, size, mtimeMs, mode, subtree, content, metadata] = row;
  return {
    tree: Number(tree),
    name: String(name),
    type: String(type),
    size: Number(size),
    mtimeMs: Number(mtimeMs),
    mode: Number(mode),
    subtree: subtree === null ? null : Number(subtree),
    content: toKey(content),
    metadata: toKey(metadata),
  };
}

function toKey(digest: unknown): string {
  return digest instanceof Uint8Array
    ? Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('latin1')
    : '';
}
