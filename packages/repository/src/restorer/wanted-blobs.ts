import { asBlobId, type BlobType } from '../format/blob.ts';
import type { ExtendedAttribute } from '../posix/extended-attributes.ts';
import type { BlobUse, WantedBlob } from './restore-messages.ts';
import type { Metadata, TargetFile } from './restore-plan.ts';

const types: readonly BlobType[] = ['data', 'tree'];
const idDigits = 64;
/** What of a use is the same as in the use before it. */
const sameFile = 1;
const sameFolder = 2;
const firstSize = 64 * 1024;

/**
 * Blobs of a pack and where they belong, as one piece of memory that is handed to a thread. A pack of small files has
 * thousands of objects with buffers in them, and the engine takes several times as long to copy those from thread to thread.
 */
export function encodeWantedBlobs(blobs: readonly WantedBlob[]): ArrayBuffer {
  const to = new Writer();
  let before: TargetFile | null = null;
  to.uint32(blobs.length);
  for (const { blob, uses } of blobs) {
    to.uint32(types.indexOf(blob.type));
    to.id(blob.id);
    to.uint32(blob.offset);
    to.uint32(blob.length);
    to.uint32(blob.uncompressedLength);
    to.uint32(uses.length);
    for (const { file, offset } of uses) {
      to.number(offset);
      writeFile(to, file, before);
      before = file;
    }
  }
  return to.end();
}

/** What `encodeWantedBlobs` was given. Names and folders lie in the same memory. */
export function decodeWantedBlobs(memory: ArrayBuffer): WantedBlob[] {
  const from = new Reader(memory);
  let file: TargetFile | null = null;
  const blobs: WantedBlob[] = [];
  for (let left = from.uint32(); left > 0; left -= 1) {
    const type = types[from.uint32()] ?? 'data';
    const id = asBlobId(from.id());
    const blob = { id, type, offset: from.uint32(), length: from.uint32(), uncompressedLength: from.uint32() };
    const uses: BlobUse[] = [];
    for (let usesLeft = from.uint32(); usesLeft > 0; usesLeft -= 1) {
      const offset = from.number();
      file = readFile(from, file);
      uses.push({ file, offset });
    }
    blobs.push({ blob, uses });
  }
  return blobs;
}

function writeFile(to: Writer, file: TargetFile, before: TargetFile | null): void {
  if (file === before) {
    to.uint32(sameFile);
    return;
  }
  // Files of a folder share its path.
  const isSameFolder = file.folder === before?.folder;
  to.uint32(isSameFolder ? sameFolder : 0);
  if (!isSameFolder) to.bytes(file.folder);
  to.bytes(file.name);
  to.uint32(file.number);
  to.number(file.size);
  const { mode, uid, gid, atimeNs, mtimeNs, attributes } = file.metadata;
  to.uint32(mode);
  to.number(uid);
  to.number(gid);
  to.time(atimeNs);
  to.time(mtimeNs);
  to.uint32(attributes.length);
  for (const { name, value } of attributes) {
    to.bytes(name);
    to.bytes(value);
  }
}

function readFile(from: Reader, before: TargetFile | null): TargetFile {
  const same = from.uint32();
  if (same === sameFile && before !== null) return before;
  const folder = same === sameFolder && before !== null ? before.folder : from.bytes();
  const name = from.bytes();
  const number = from.uint32();
  const size = from.number();
  return { folder, name, number, size, metadata: readMetadata(from) };
}

function readMetadata(from: Reader): Metadata {
  const mode = from.uint32();
  const uid = from.number();
  const gid = from.number();
  const atimeNs = from.time();
  const mtimeNs = from.time();
  const attributes: ExtendedAttribute[] = [];
  for (let left = from.uint32(); left > 0; left -= 1) attributes.push({ name: from.bytes(), value: from.bytes() });
  return { mode, uid, gid, atimeNs, mtimeNs, attributes };
}

/** Writes values one after the other into memory that grows. */
class Writer {
  #memory = Buffer.allocUnsafeSlow(firstSize);
  #view = viewOf(this.#memory);
  #at = 0;

  uint32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  number(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Years from 0 to 9999 in nanoseconds go beyond 64 bits. */
  time(nanoseconds: bigint): void {
    const at = this.#take(12);
    this.#view.setBigUint64(at, BigInt.asUintN(64, nanoseconds), true);
    this.#view.setInt32(at + 8, Number(nanoseconds >> 64n), true);
  }

  /** As text, which takes half the time of bytes. */
  id(id: string): void {
    const at = this.#take(idDigits);
    this.#memory.write(id, at, 'latin1');
  }

  bytes(bytes: Uint8Array): void {
    this.uint32(bytes.byteLength);
    const at = this.#take(bytes.byteLength);
    this.#memory.set(bytes, at);
  }

  end(): ArrayBuffer {
    return this.#memory.buffer.slice(0, this.#at);
  }

  #take(size: number): number {
    const at = this.#at;
    this.#at += size;
    if (this.#at > this.#memory.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#at, this.#memory.byteLength * 2));
      larger.set(this.#memory);
      this.#memory = larger;
      this.#view = viewOf(larger);
    }
    return at;
  }
}

/** Reads what a `Writer` has written, in the same order. */
class Reader {
  readonly #memory: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(memory: ArrayBuffer) {
    this.#memory = Buffer.from(memory);
    this.#view = viewOf(this.#memory);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  number(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  time(): bigint {
    const at = this.#take(12);
    const low = this.#view.getBigUint64(at, true);
    const high = this.#view.getInt32(at + 8, true);
    return high === 0 ? low : low + (BigInt(high) << 64n);
  }

  id(): string {
    const at = this.#take(idDigits);
    return this.#memory.toString('latin1', at, at + idDigits);
  }

  bytes(): Buffer {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#memory.subarray(at, at + length);
  }

  #take(size: number): number {
    const at = this.#at;
    this.#at += size;
    return at;
  }
}

function viewOf(memory: Buffer): DataView {
  return new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
}
