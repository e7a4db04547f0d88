import { createHash } from 'node:crypto';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { hashBytes, type BlobId, type BlobType, type PackContents } from '../src/format/blob.ts';
import { encodeIndexFile } from '../src/format/index-file.ts';
import { blobIdOf } from '../src/index/blob-index.ts';
import { loadIndex } from '../src/index/load-index.ts';
import { PackBuilder } from '../src/pack/pack-builder.ts';
import { openBlob } from '../src/open-blob.ts';
import type { Repository } from '../src/repository.ts';
import { listSnapshots, saveSnapshot } from '../src/snapshots.ts';
import { TreeReader } from '../src/tree/tree-reader.ts';
import { fileNode, snapshotOf } from './crafted-repository.ts';

/** Numbers that follow from a seed: `next(n)` is from 0 to n - 1. */
export class SeededNumbers {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  next(below: number): number {
    this.#count += 1;
    return createHash('sha256').update(`${this.#seed} ${this.#count}`).digest().readUInt32LE() % below;
  }

  /** Bytes that do not compress. */
  bytes(length: number): Buffer {
    const blocks = [];
    for (let filled = 0; filled < length; filled += 32) {
      this.#count += 1;
      blocks.push(createHash('sha256').update(`${this.#seed} ${this.#count}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.next(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }
}

interface Blob {
  readonly type: BlobType;
  readonly id: BlobId;
  readonly plaintext: Buffer;
}

/**
 * A repository's history that is written without a backup, in milliseconds: snapshots that share some of their data,
 * packs that hold data of several, as a seed says. It remembers the content of every blob.
 */
export class RandomHistory {
  readonly repository: Repository;
  readonly numbers: SeededNumbers;
  readonly #blobs: Map<BlobId, Blob>;
  #snapshots = 0;

  constructor(repository: Repository, seed: string, blobs = new Map<BlobId, Blob>()) {
    this.repository = repository;
    this.numbers = new SeededNumbers(seed);
    this.#blobs = blobs;
  }

  /** The same history in a copy of its repository. */
  in(repository: Repository): RandomHistory {
    return new RandomHistory(repository, 'copy', this.#blobs);
  }

  /** All blobs of data so far. */
  get data(): BlobId[] {
    return [...this.#blobs.values()].filter(({ type }) => type === 'data').map(({ id }) => id);
  }

  /**
   * Adds a snapshot of some files with new content and some with content that is known, in two folders. As a backup does, it
   * stores what the index does not list; what is given as `reused` it takes for stored.
   */
  async addSnapshot(
    options: { readonly reused?: readonly BlobId[]; readonly fresh?: number } = {},
  ): Promise<SnapshotId> {
    const { numbers } = this;
    const known = this.data;
    const reused =
      options.reused ?? Array.from({ length: known.length === 0 ? 0 : numbers.next(6) }, () => numbers.pick(known));
    const fresh = Array.from({ length: options.fresh ?? numbers.next(8) }, () => this.#newData());
    const content = [...new Set([...reused, ...fresh.map(({ id }) => id)])];
    const half = numbers.next(content.length + 1);
    const inner = this.#tree(
      content.slice(0, half).map((id, at) => this.#file(`inner ${String(at).padStart(3, '0')}`, id)),
    );
    const root = this.#tree([
      ...content.slice(half).map((id, at) => this.#file(`file ${String(at).padStart(3, '0')}`, id)),
      { ...(fileNode('z', [], 0) as object), type: 'dir', mode: 0x800001ed, content: undefined, subtree: inner.id },
    ]);
    const index = await loadIndex(this.repository);
    const unlisted = options.reused === undefined ? reused.filter((id) => !index.has('data', id)) : [];
    await this.store([...new Set(unlisted), ...fresh]);
    await this.store([inner, root].filter(({ id }) => !index.has('tree', id)));
    this.#snapshots += 1;
    const time = new Date(Date.UTC(2026, 0, 1, this.#snapshots)).toISOString();
    return saveSnapshot(this.repository, { ...snapshotOf(root.id), time });
  }

  /** Stores blobs again, in a pack of their own, whether or not they are there; lists it in an index file unless told not to. */
  async store(
    blobs: readonly (Blob | BlobId)[],
    options: { readonly indexed?: boolean } = {},
  ): Promise<PackContents[]> {
    const { key, version, storage } = this.repository;
    const packs: PackContents[] = [];
    for (const type of ['data', 'tree'] as const) {
      const builder = new PackBuilder(type, key, version);
      for (const blob of blobs.map((entry) => (typeof entry === 'string' ? this.blob(entry) : entry))) {
        if (blob.type === type) builder.add(Buffer.from(blob.id, 'hex'), blob.plaintext);
      }
      if (builder.isEmpty) continue;
      const { contents, data } = builder.finish();
      await storage.put('data', contents.id, data);
      packs.push({ id: contents.id, blobs: [...contents.blobs] });
    }
    if (options.indexed !== false && packs.length > 0) {
      await this.repository.saveUnpacked('index', encodeIndexFile(packs));
    }
    return packs;
  }

  blob(id: BlobId): Blob {
    const blob = this.#blobs.get(id);
    if (blob === undefined) throw new Error(`the blob ${id} is not of this history`);
    return blob;
  }

  /** Reads every blob of every snapshot through the index, as a restore does, and returns what is wrong. */
  async findFaults(): Promise<string[]> {
    const { repository } = this;
    const faults: string[] = [];
    const snapshots = await listSnapshots(repository);
    const index = await loadIndex(repository);
    const trees = new TreeReader(repository, index);
    const seen = new Set<BlobId>();
    const checkData = async (id: BlobId) => {
      if (seen.has(id)) return;
      seen.add(id);
      const location = index.find('data', id);
      if (location === null) return void faults.push(`${id} is in no index`);
      const { pack, offset, length } = location;
      const sealed = await repository.storage
        .get('data', pack, { offset, length })
        .catch((error: unknown) => String(error));
      const opened = typeof sealed === 'string' ? sealed : openBlob(repository.key, location, sealed);
      if (typeof opened === 'string') faults.push(`${id}: ${opened}`);
      else if (!opened.equals(this.blob(id).plaintext)) faults.push(`${id} is not what it was`);
    };
    const visit = async (tree: BlobId): Promise<void> => {
      if (seen.has(tree)) return;
      seen.add(tree);
      for (const node of await trees.read(tree)) {
        for (const id of node.content ?? []) await checkData(id);
        if (node.subtree !== null) await visit(node.subtree);
      }
    };
    for (const { id, snapshot } of snapshots) {
      await visit(snapshot.tree).catch((error: unknown) => faults.push(`${id}: ${String(error)}`));
    }
    return faults;
  }

  #newData(): Blob {
    const { numbers } = this;
    const length = 1 + numbers.next(3000);
    const plaintext =
      numbers.next(2) === 0 ? numbers.bytes(length) : Buffer.alloc(length, `${numbers.bytes(8).toString('hex')} `);
    return this.#remember('data', plaintext);
  }

  #tree(nodes: readonly unknown[]): Blob {
    return this.#remember('tree', Buffer.from(`${JSON.stringify({ nodes })}\n`));
  }

  #file(name: string, id: BlobId): unknown {
    return fileNode(name, [id], this.blob(id).plaintext.byteLength);
  }

  #remember(type: BlobType, plaintext: Buffer): Blob {
    const blob = { type, id: blobIdOf(hashBytes(plaintext)), plaintext };
    this.#blobs.set(blob.id, blob);
    return blob;
  }
}
