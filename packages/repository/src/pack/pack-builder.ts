import { hash } from 'node:crypto';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { maximumChunk } from '../chunker/chunker-parameters.ts';
import { sealInto, sealingOverhead, type SealingKey } from '../crypto/sealing.ts';
import { asPackId, type BlobType, type PackId } from '../format/blob.ts';
import { compressBlob } from '../format/blob-compression.ts';
import { CompactBlobs } from '../format/compact-blobs.ts';
import { encodePackHeader, headerLengthSize, maximumHeaderSize } from '../format/pack-header.ts';
import { plainLength } from '../restorer/plain-length.ts';

/** A pack is finished once it has this many bytes, restic's default. */
export const packTarget = 16 * 1024 * 1024;
/** Room beyond the target for a last blob of the largest size, and for the header of nearly all packs. */
const usualExcess = maximumChunk + 2 * 1024 * 1024;
const largestEntry = 41;

/** A pack that is ready to be stored under its id. */
export interface FinishedPack {
  readonly contents: { readonly id: PackId; readonly blobs: CompactBlobs };
  readonly data: Buffer;
  /** Size of the blobs before compression, in bytes. */
  readonly plainBytes: number;
}

/**
 * Assembles packs of one type of blob: each blob is compressed and sealed straight into the pack's buffer. Buffers are
 * given back once their pack is stored, as memory that is always let go would pile up until it is collected.
 */
export class PackBuilder {
  readonly #type: BlobType;
  readonly #key: SealingKey;
  readonly #compressing: boolean;
  #data: Buffer = Buffer.alloc(0);
  #spare: Buffer | null = null;
  #size = 0;
  #plainBytes = 0;
  #blobs = new CompactBlobs();

  /** `version` is the repository's: format 1 knows no compression. */
  constructor(type: BlobType, key: SealingKey, version: 1 | 2) {
    this.#type = type;
    this.#key = key;
    this.#compressing = version === 2;
  }

  /** Whether the pack has its size, or a header as long as readers take. */
  get isFull(): boolean {
    return this.#size >= packTarget || (this.#blobs.length + 1) * largestEntry >= maximumHeaderSize - sealingOverhead;
  }

  get isEmpty(): boolean {
    return this.#blobs.length === 0;
  }

  /** Adds a blob. `id` is the SHA-256 of the plaintext, 32 bytes; the plaintext may be reused afterwards. */
  add(id: Uint8Array, plaintext: Uint8Array): void {
    if (plaintext.byteLength >= 2 ** 32) throw new PlatformError('INTERNAL', 'a blob is larger than 4 GiB');
    // Data that does not shrink is stored plain. Trees are always compressed: prune rewrites packs with plain ones.
    const compressible = this.#compressing && plaintext.byteLength > 0;
    const compressed = compressible ? compressBlob(plaintext, this.#type === 'tree') : null;
    const stored = compressed ?? plaintext;
    this.#reserve(stored.byteLength + sealingOverhead);
    const length = sealInto(this.#key, stored, this.#data, this.#size);
    const uncompressedLength = compressed === null ? 0 : plaintext.byteLength;
    this.#blobs.append(id, this.#type, this.#size, length, uncompressedLength);
    this.#size += length;
    this.#plainBytes += plaintext.byteLength;
  }

  /**
   * Adds a blob that was sealed before, byte for byte: what is sealed does not depend on where it lies. It must be of the
   * pack's type, and whole. `id` and `uncompressedLength` are what a pack's header says of it.
   */
  addSealed(id: Uint8Array, uncompressedLength: number, sealed: Uint8Array): void {
    const length = sealed.byteLength;
    this.#reserve(length);
    this.#data.set(sealed, this.#size);
    this.#blobs.append(id, this.#type, this.#size, length, uncompressedLength);
    this.#size += length;
    this.#plainBytes += plainLength({ length, uncompressedLength });
  }

  /** Ends the pack and starts the next. The pack must not be empty. */
  finish(): FinishedPack {
    const header = encodePackHeader(this.#blobs);
    this.#reserve(header.byteLength + sealingOverhead + headerLengthSize);
    const headerLength = sealInto(this.#key, header, this.#data, this.#size);
    const size = this.#data.writeUInt32LE(headerLength, this.#size + headerLength);
    const data = this.#data.subarray(0, size);
    const contents = { id: asPackId(hash('sha256', data, 'hex')), blobs: this.#blobs };
    const finished = { contents, data, plainBytes: this.#plainBytes };
    this.#data = Buffer.alloc(0);
    this.#size = 0;
    this.#plainBytes = 0;
    this.#blobs = new CompactBlobs();
    return finished;
  }

  /** Takes back the memory of a pack that this builder finished and nobody reads any more. Not twice for one pack. */
  recycle({ data }: FinishedPack): void {
    if (data.buffer.byteLength === packTarget + usualExcess) this.#spare = Buffer.from(data.buffer);
  }

  #reserve(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#data.byteLength) return;
    // Memory that is not written to yet is only reserved: a small pack does not take the room of a large one.
    const grown =
      this.#spare !== null && needed <= this.#spare.byteLength
        ? this.#spare
        : Buffer.allocUnsafeSlow(Math.max(needed, packTarget + usualExcess));
    if (grown === this.#spare) this.#spare = null;
    this.#data.copy(grown, 0, 0, this.#size);
    this.#data = grown;
  }
}
