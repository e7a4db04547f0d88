import { asBlobId, type BlobId, type BlobList, type BlobType, type PackedBlob } from './blob.ts';

const idSize = 32;
const blobWords = 12;
const typeWord = 0;
const offsetWord = 1;
const lengthWord = 2;
const uncompressedWord = 3;
const idWord = 4;
const firstCapacity = 256;

/**
 * Blobs of a pack in one piece of memory outside of the heap, 48 bytes each: an object for each takes five times as much,
 * and is copied one by one when it goes to another thread. Read one after the other they are objects that end at once.
 */
export class CompactBlobs implements BlobList {
  #words: Uint32Array<ArrayBuffer>;
  #bytes: Buffer;
  #length: number;

  /** Takes words that another list gave. */
  constructor(words: Uint32Array<ArrayBuffer> = new Uint32Array(0)) {
    this.#words = words;
    this.#bytes = Buffer.from(words.buffer);
    this.#length = words.length / blobWords;
  }

  get length(): number {
    return this.#length;
  }

  /** The list's own memory, for another thread. The list is of no use afterwards. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#length * blobWords);
  }

  /** Adds a blob whose id has these 32 bytes. Offset and lengths are in bytes, as in `PackedBlob`. */
  append(id: Uint8Array, type: BlobType, offset: number, length: number, uncompressedLength: number): void {
    const at = this.#length * blobWords;
    if (at === this.#words.length) this.#grow();
    this.#words[at + typeWord] = type === 'tree' ? 1 : 0;
    this.#words[at + offsetWord] = offset;
    this.#words[at + lengthWord] = length;
    this.#words[at + uncompressedWord] = uncompressedLength;
    this.#bytes.set(id, (at + idWord) * 4);
    this.#length += 1;
  }

  typeAt(blob: number): BlobType {
    return this.#words[blob * blobWords + typeWord] === 1 ? 'tree' : 'data';
  }

  offsetAt(blob: number): number {
    return this.#words[blob * blobWords + offsetWord] ?? 0;
  }

  lengthAt(blob: number): number {
    return this.#words[blob * blobWords + lengthWord] ?? 0;
  }

  uncompressedLengthAt(blob: number): number {
    return this.#words[blob * blobWords + uncompressedWord] ?? 0;
  }

  /** The 32 bytes of a blob's id, in the list's own memory. */
  idAt(blob: number): Buffer {
    const at = (blob * blobWords + idWord) * 4;
    return this.#bytes.subarray(at, at + idSize);
  }

  at(blob: number): PackedBlob {
    return {
      id: this.#hexIdAt(blob),
      type: this.typeAt(blob),
      offset: this.offsetAt(blob),
      length: this.lengthAt(blob),
      uncompressedLength: this.uncompressedLengthAt(blob),
    };
  }

  *[Symbol.iterator](): Generator<PackedBlob> {
    for (let blob = 0; blob < this.#length; blob += 1) yield this.at(blob);
  }

  #hexIdAt(blob: number): BlobId {
    const at = (blob * blobWords + idWord) * 4;
    return asBlobId(this.#bytes.toString('hex', at, at + idSize));
  }

  #grow(): void {
    const grown = new Uint32Array(Math.max(this.#words.length * 2, firstCapacity * blobWords));
    grown.set(this.#words);
    this.#words = grown;
    this.#bytes = Buffer.from(grown.buffer);
  }
}
