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
  'members.tree, names.text, entries.type, entries.size, entries.mtime_ms, entries.mode, entries.subtree, entries.content, entries.metadata';

/** Asks the cache file. */
export class CacheReader {
  readonly #database: DatabaseSync;
  readonly #children: StatementSync;
  readonly #child: StatementSync;
  readonly #parents: StatementSync;
  readonly #unlike: StatementSync;
  readonly #childrenLike = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#children = database.prepare(
      `SELECT ${columns} FROM members CROSS JOIN entries USING (entry) CROSS JOIN names ON names.name = members.name
       WHERE members.tree = ? ORDER BY names.text`,
    );
    this.#child = database.prepare(
      `SELECT ${columns} FROM names CROSS JOIN members USING (name) CROSS JOIN entries USING (entry)
       WHERE names.text = ? AND members.tree = ?`,
    );
    this.#parents = database.prepare(
      `SELECT members.tree, names.text FROM entries CROSS JOIN members USING (entry)
       CROSS JOIN names ON names.name = members.name WHERE entries.subtree = ?`,
    );
    this.#unlike = database.prepare(
      `SELECT ${columns} FROM members CROSS JOIN entries USING (entry) CROSS JOIN names ON names.name = members.name
       WHERE members.tree = ?1 AND NOT EXISTS (
         SELECT 1 FROM members AS other WHERE other.tree = ?2 AND other.name = members.name AND other.entry = members.entry
       )`,
    );
    const statements = [this.#children, this.#child, this.#parents, this.#unlike];
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

  /** Entries of a folder that another folder has not just so: not under this name, or not equal. */
  unlike(tree: number, other: number): CachedNode[] {
    return (this.#unlike.all(tree, other) as unknown as readonly unknown[][]).map(toNode);
  }

  /** Entries of a folder whose names match, as `matches` does it. */
  childrenLike(tree: number, name: string, ignoreCase: boolean): CachedNode[] {
    const condition = ignoreCase ? 'lower(names.text) GLOB lower(?)' : 'names.text GLOB ?';
    let statement = this.#childrenLike.get(condition);
    if (statement === undefined) {
      statement = this.#database.prepare(
        `SELECT ${columns} FROM members CROSS JOIN names USING (name) CROSS JOIN entries USING (entry)
         WHERE members.tree = ? AND ${condition}`,
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
    add('entries.type = ?', pattern.type);
    add('entries.size >= ?', pattern.minimumSize);
    add('entries.size <= ?', pattern.maximumSize);
    add('entries.mtime_ms >= ?', pattern.changedSinceMs);
    add('entries.mtime_ms < ?', pattern.changedBeforeMs);
    // The planner does not know how few names a pattern takes: the order of the tables is given.
    const from =
      name === undefined
        ? 'entries CROSS JOIN names USING (name) CROSS JOIN members USING (entry)'
        : 'names CROSS JOIN entries USING (name) CROSS JOIN members USING (entry)';
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
