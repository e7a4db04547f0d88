import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PackedBlob, PackId, PackListing } from '../format/blob.ts';
import { CompactBlobs } from '../format/compact-blobs.ts';
import type { IndexFile } from '../format/index-file.ts';
import { emptyPackSize, sizeInPack } from '../format/pack-header.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { GrowingWords } from './growing-words.ts';

/** A pack that an index file lists or marks, or that the storage holds. */
export interface TablePack {
  readonly id: PackId;
  /** Its blobs are the copies from `start` up to `end`; none when nobody knows them. */
  start: number;
  end: number;
  /** Size in bytes that the index says; null when nobody knows its blobs. */
  indexedSize: number | null;
  /** Size in bytes in the storage; null when it is not there, or was not looked for. */
  storedSize: number | null;
  /** Index files that list it: an indexed pack has at least one. */
  readonly listedIn: string[];
  /** Index files that mark it for deletion. */
  readonly markedIn: string[];
  /** The latest time at which it was marked, in milliseconds since 1970; null when it is not, or nobody wrote that down. */
  markedAt: number | null;
}

const copyWords = 6;
const blobWord = 0;
const packWord = 1;
const offsetWord = 2;
const lengthWord = 3;
const uncompressedWord = 4;
/** The next copy of the same blob, counted from 1; 0 ends the list. */
const nextWord = 5;

/**
 * All packs with all their blobs: what an index has, and also which copies of a blob lie where, which index file says so
 * and what is marked. A blob has a number, and so has each copy of it. Takes 48 to 56 bytes a blob, 24 bytes a copy, and
 * some 300 bytes a pack.
 */
export class PackTable {
  /** Numbers the blobs; it has places for those in packs with trees. */
  readonly blobs = BlobIndex.create();
  readonly #packs: TablePack[] = [];
  readonly #byId = new Map<PackId, number>();
  readonly #copies = new GrowingWords();
  readonly #firstCopies = new GrowingWords();
  #copyCount = 0;

  get packs(): readonly TablePack[] {
    return this.#packs;
  }

  get copyCount(): number {
    return this.#copyCount;
  }

  /** The pack with this id; one that is unknown becomes known, without blobs. */
  pack(id: PackId): TablePack {
    const known = this.#byId.get(id);
    if (known !== undefined) return this.#packs[known] as TablePack;
    const empty = { start: 0, end: 0, indexedSize: null, storedSize: null, markedAt: null };
    const pack: TablePack = { id, ...empty, listedIn: [], markedIn: [] };
    this.#byId.set(id, this.#packs.length);
    this.#packs.push(pack);
    return pack;
  }

  /** Adds what an index file says. Throws INDEX_DAMAGED when it and an earlier one list different blobs for a pack. */
  addIndexFile(
    name: string,
    file: { readonly packs: Iterable<PackListing>; readonly marked: IndexFile['marked'] },
  ): void {
    for (const contents of file.packs) this.#addContents(contents, name).listedIn.push(name);
    for (const mark of file.marked) {
      const pack = mark.blobs.length === 0 ? this.pack(mark.id) : this.#addContents(mark, name);
      pack.markedIn.push(name);
      if (mark.markedAt !== null) pack.markedAt = Math.max(pack.markedAt ?? 0, mark.markedAt);
    }
  }

  /** The pack that a copy lies in. */
  packOf(copy: number): TablePack {
    return this.#packs[this.#word(copy, packWord)] as TablePack;
  }

  /** The number of the blob of which this is a copy. */
  blobOf(copy: number): number {
    return this.#word(copy, blobWord);
  }

  /** Bytes that a copy takes in its pack, without its entry in the header. */
  lengthOf(copy: number): number {
    return this.#word(copy, lengthWord);
  }

  isCompressed(copy: number): boolean {
    return this.#word(copy, uncompressedWord) !== 0;
  }

  /** All copies of a blob. */
  *copiesOf(blob: number): Generator<number> {
    for (let next = this.#firstCopies.get(blob); next !== 0; next = this.#word(next - 1, nextWord)) yield next - 1;
  }

  /** The blob of a copy, as an index file has it. */
  describe(copy: number): PackedBlob {
    const { type, id } = this.blobs.blobAt(this.blobOf(copy));
    return {
      id,
      type,
      offset: this.#word(copy, offsetWord),
      length: this.lengthOf(copy),
      uncompressedLength: this.#word(copy, uncompressedWord),
    };
  }

  /** A pack with all its blobs, as an index file has it. They are read from the table one by one. */
  contentsOf({ id, start, end }: TablePack): PackListing {
    return { id, blobs: { length: end - start, [Symbol.iterator]: () => this.#describeAll(start, end) } };
  }

  /** Some copies of one pack, to be handed to another thread. */
  listOf(copies: readonly number[]): CompactBlobs {
    const list = new CompactBlobs();
    for (const copy of copies) {
      const blob = this.blobOf(copy);
      const offset = this.#word(copy, offsetWord);
      const uncompressedLength = this.#word(copy, uncompressedWord);
      list.append(this.blobs.idAt(blob), this.blobs.typeAt(blob), offset, this.lengthOf(copy), uncompressedLength);
    }
    return list;
  }

  *#describeAll(start: number, end: number): Generator<PackedBlob> {
    for (let copy = start; copy < end; copy += 1) yield this.describe(copy);
  }

  #addContents(contents: PackListing, file: string): TablePack {
    const pack = this.pack(contents.id);
    if (pack.end === pack.start) {
      const holdsTrees = this.#appendCopies(pack, contents);
      // TreeReader looks up trees here, and nothing else.
      if (holdsTrees) this.blobs.addPack(contents);
    } else if (!this.#isSame(pack, contents)) {
      const sentence = `the index file ${file} and another one list different blobs for the pack ${pack.id}`;
      throw new PlatformError('INDEX_DAMAGED', sentence);
    }
    return pack;
  }

  /** Returns whether the pack holds trees. */
  #appendCopies(pack: TablePack, { blobs }: PackListing): boolean {
    const packNumber = this.#byId.get(pack.id) ?? 0;
    let size = emptyPackSize;
    let holdsTrees = false;
    pack.start = this.#copyCount;
    for (const packed of blobs) {
      const { type, id, offset, length, uncompressedLength } = packed;
      size += sizeInPack(packed);
      holdsTrees ||= type === 'tree';
      const blob = this.blobs.enroll(type, id);
      const copy = this.#copyCount;
      const words = [blob, packNumber, offset, length, uncompressedLength, this.#firstCopies.get(blob)];
      for (let word = 0; word < copyWords; word += 1) this.#copies.set(copy * copyWords + word, words[word] ?? 0);
      this.#firstCopies.set(blob, copy + 1);
      this.#copyCount += 1;
    }
    pack.end = this.#copyCount;
    pack.indexedSize = size;
    return holdsTrees;
  }

  #isSame(pack: TablePack, { blobs }: PackListing): boolean {
    if (blobs.length !== pack.end - pack.start) return false;
    let copy = pack.start;
    for (const { type, id, offset, length, uncompressedLength } of blobs) {
      const same =
        this.blobOf(copy) === this.blobs.numberOf(type, id) &&
        this.#word(copy, offsetWord) === offset &&
        this.lengthOf(copy) === length &&
        this.#word(copy, uncompressedWord) === uncompressedLength;
      if (!same) return false;
      copy += 1;
    }
    return true;
  }

  #word(copy: number, word: number): number {
    return this.#copies.get(copy * copyWords + word);
  }
}
