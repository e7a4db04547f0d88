import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId } from '../format/blob.ts';
import type { TreeNode } from '../format/tree.ts';
import type { Pauses } from '../pauses.ts';
import { displayPath } from '../display-path.ts';
import type { Snapshot } from '../snapshots.ts';
import type { TreeReader } from '../tree/tree-reader.ts';
import { contentText, digest, metadataText } from './tree-digests.ts';

/** Nodes that are written in one transaction, and are in memory until then. */
const batchNodes = 20_000;
/** Names whose numbers are kept in memory. */
const namesKept = 200_000;

/** Attempts to add a snapshot while another process removes trees that only forgotten snapshots had. */
const attempts = 5;

/** A tree that was there is gone: another process has removed it. */
class TreeVanished extends PlatformError {}

interface PendingTree {
  readonly id: BlobId;
  readonly nodes: readonly TreeNode[];
}

/**
 * Writes trees and snapshots into the cache file. A tree is written after the trees in it and a snapshot after its tree, so
 * that a kill leaves fewer of them and none that is not whole.
 */
export class CacheWriter {
  readonly #database: DatabaseSync;
  readonly #findTree: StatementSync;
  readonly #addTree: StatementSync;
  readonly #findName: StatementSync;
  readonly #addName: StatementSync;
  readonly #findEntry: StatementSync;
  readonly #addEntry: StatementSync;
  readonly #addMember: StatementSync;
  readonly #addSnapshot: StatementSync;
  readonly #names = new Map<string, number>();
  #pending: PendingTree[] = [];
  readonly #pendingIds = new Set<BlobId>();
  #pendingNodes = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#findTree = database.prepare('SELECT tree FROM trees WHERE id = ?');
    this.#addTree = database.prepare('INSERT INTO trees (id) VALUES (?)');
    this.#findName = database.prepare('SELECT name FROM names WHERE text = ?');
    this.#addName = database.prepare('INSERT INTO names (text) VALUES (?)');
    this.#findEntry = database.prepare('SELECT entry FROM entries WHERE identity = ?');
    this.#addEntry = database.prepare(
      `INSERT INTO entries (identity, name, type, size, mtime_ms, mode, subtree, content, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addMember = database.prepare('INSERT INTO members (tree, name, entry) VALUES (?, ?, ?)');
    this.#addSnapshot = database.prepare(
      'INSERT OR IGNORE INTO snapshots (id, time_ms, time, tree) VALUES (?, ?, ?, ?)',
    );
  }

  /** Adds a snapshot with all its trees. Those that are there already are not read. */
  async add(id: SnapshotId, snapshot: Snapshot, trees: TreeReader, pauses: Pauses): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#visit(snapshot.tree, trees, pauses);
        this.#flush();
        this.#addSnapshot.run(id, toMilliseconds(snapshot.time), snapshot.time, this.#writtenNumberOf(snapshot.tree));
        return;
      } catch (error) {
        this.#forgetPending();
        if (!(error instanceof TreeVanished) || attempt === attempts) throw error;
      }
    }
  }

  async #visit(id: BlobId, trees: TreeReader, pauses: Pauses): Promise<void> {
    await pauses.pauseIfDue();
    if (this.#pendingIds.has(id) || this.#numberOf(id) !== null) return;
    const nodes = await trees.read(id);
    for (const { subtree } of nodes) if (subtree !== null) await this.#visit(subtree, trees, pauses);
    this.#pending.push({ id, nodes });
    this.#pendingIds.add(id);
    this.#pendingNodes += nodes.length;
    if (this.#pendingNodes >= batchNodes) this.#flush();
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const tree of this.#pending) this.#write(tree);
      this.#database.exec('COMMIT');
    } catch (error) {
      // The numbers of the names may be those of another process by the next attempt.
      this.#names.clear();
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    this.#forgetPending();
  }

  #forgetPending(): void {
    this.#pending = [];
    this.#pendingIds.clear();
    this.#pendingNodes = 0;
  }

  #write({ id, nodes }: PendingTree): void {
    // Another process may have written it meanwhile.
    if (this.#numberOf(id) !== null) return;
    const tree = Number(this.#addTree.run(Buffer.from(id, 'hex')).lastInsertRowid);
    for (const node of nodes) {
      const name = this.#nameOf(displayPath(node.name));
      this.#addMember.run(tree, name, this.#entryOf(name, node));
    }
  }

  /** The entry for a node, shared with all trees that have an equal one under this name. */
  #entryOf(name: number, node: TreeNode): number {
    const { type, size, mode } = node;
    const mtime = toMilliseconds(node.mtime);
    const subtree = node.subtree === null ? null : this.#writtenNumberOf(node.subtree);
    const [content, metadata] = [contentText(node), metadataText(node)];
    const identity = digest([name, subtree, size, mtime, content, metadata].join('\0'));
    const found = this.#findEntry.get(identity)?.['entry'];
    if (typeof found === 'number') return found;
    const values = [identity, name, type, size, mtime, mode, subtree, digest(content), digest(metadata)];
    return Number(this.#addEntry.run(...values).lastInsertRowid);
  }

  #writtenNumberOf(id: BlobId): number {
    const number = this.#numberOf(id);
    if (number === null) throw new TreeVanished('INTERNAL', `the tree ${id} has vanished from the cache file`);
    return number;
  }

  #numberOf(id: BlobId): number | null {
    const tree = this.#findTree.get(Buffer.from(id, 'hex'))?.['tree'];
    return typeof tree === 'number' ? tree : null;
  }

  #nameOf(text: string): number {
    const kept = this.#names.get(text);
    if (kept !== undefined) return kept;
    const found = this.#findName.get(text)?.['name'];
    const number = typeof found === 'number' ? found : Number(this.#addName.run(text).lastInsertRowid);
    if (this.#names.size >= namesKept) this.#names.clear();
    this.#names.set(text, number);
    return number;
  }
}

/** Of a time that was decoded, and so is one; `0` for one that JavaScript cannot hold. */
function toMilliseconds(time: string): number {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : milliseconds;
}
