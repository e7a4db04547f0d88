import { asBlobId, asPackId, type BlobList, type PackedBlob, type PackListing } from './blob.ts';

const packStart = Buffer.from('{"id":"');
const blobsStart = Buffer.from('","blobs":[');
const typeStart = Buffer.from('","type":"');
const dataOffset = Buffer.from('data","offset":');
const treeOffset = Buffer.from('tree","offset":');
const lengthStart = Buffer.from(',"length":');
const uncompressedStart = Buffer.from(',"uncompressed_length":');
const fileStart = Buffer.from('{"packs":[');
const fileEnd = Buffer.from(']}');

const comma = 0x2c;
const closingBracket = 0x5d;
const closingBrace = 0x7d;
const lineFeed = 0x0a;
const zero = 0x30;

const idSize = 32;
/** Words of a blob: 1 for a tree or 0 for data, offset, length, uncompressed length. */
export const scannedWords = 4;
/** Bytes of the shortest entry of a blob, with its comma. */
const shortestEntry = 100;
const maximumNumber = 2 ** 32 - 1;

/** Value of each hex digit by its character; 255 for what is none. */
const hexValues = new Uint8Array(256).fill(255);
const hexDigits = '0123456789abcdef';
for (let value = 0; value < hexDigits.length; value += 1) hexValues[hexDigits.charCodeAt(value)] = value;

/** The packs of an index file in plain memory, some 50 bytes a blob. */
export interface ScannedIndex {
  readonly packCount: number;
  readonly blobCount: number;
  /** 32 bytes a pack. */
  readonly packs: Uint8Array;
  /** For each pack the number of the first blob after its own. */
  readonly packEnds: Uint32Array;
  /** 32 bytes a blob. */
  readonly ids: Uint8Array;
  /** `scannedWords` for each blob. */
  readonly words: Uint32Array;
}

/**
 * Reads an index file in the form in which restic and this program write it: compact JSON, fields in order, no more than
 * the list of packs. Takes a tenth of the time of a JSON parser and makes no object. Returns null for any other form,
 * which `decodeIndexFile` may still understand. Blobs are in the order of the file. The result lies in memory that the next
 * call of this thread overwrites.
 */
export function scanIndexFile(json: Uint8Array): ScannedIndex | null {
  return new IndexScanner(json).scan();
}

/**
 * The packs of a scanned index file one by one, blobs of each sorted by offset, as `decodeIndexFile` has them. To be taken
 * before the next file is scanned: blobs are read from the result one by one, unless they have to be sorted.
 */
export function* packsOf(scanned: ScannedIndex): Generator<PackListing> {
  let start = 0;
  for (let pack = 0; pack < scanned.packCount; pack += 1) {
    const end = scanned.packEnds[pack] as number;
    yield { id: asPackId(hexOf(scanned.packs, pack)), blobs: blobsOf(scanned, start, end) };
    start = end;
  }
}

function blobsOf(scanned: ScannedIndex, start: number, end: number): BlobList {
  const blobs = { length: end - start, [Symbol.iterator]: () => readBlobs(scanned, start, end) };
  const offsetOf = (blob: number) => scanned.words[blob * scannedWords + 1] as number;
  for (let blob = start + 1; blob < end; blob += 1) {
    if (offsetOf(blob) < offsetOf(blob - 1)) return [...blobs].sort((left, right) => left.offset - right.offset);
  }
  return blobs;
}

function* readBlobs({ ids, words }: ScannedIndex, start: number, end: number): Generator<PackedBlob> {
  for (let blob = start; blob < end; blob += 1) {
    const at = blob * scannedWords;
    yield {
      id: asBlobId(hexOf(ids, blob)),
      type: words[at] === 1 ? 'tree' : 'data',
      offset: words[at + 1] as number,
      length: words[at + 2] as number,
      uncompressedLength: words[at + 3] as number,
    };
  }
}

function hexOf(bytes: Uint8Array, number: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + number * idSize, idSize).toString('hex');
}

/** Memory for the results, which grows with the largest file: made anew for each, it would pile up until it is collected. */
let scratch = { packs: new Uint8Array(), packEnds: new Uint32Array(), ids: new Uint8Array(), words: new Uint32Array() };

/** Room for all that JSON of a length can hold. Memory is taken only where it is written to. */
function scratchFor(length: number): typeof scratch {
  const packs = Math.floor(length / (idSize * 2)) + 1;
  const blobs = Math.floor(length / shortestEntry) + 1;
  if (scratch.packEnds.length < packs) {
    scratch = {
      packs: new Uint8Array(packs * idSize),
      packEnds: new Uint32Array(packs),
      ids: new Uint8Array(blobs * idSize),
      words: new Uint32Array(blobs * scannedWords),
    };
  }
  return scratch;
}

class IndexScanner {
  readonly #json: Uint8Array;
  #at = 0;
  #packCount = 0;
  #blobCount = 0;
  readonly #packs: Uint8Array;
  readonly #packEnds: Uint32Array;
  readonly #ids: Uint8Array;
  readonly #words: Uint32Array;

  constructor(json: Uint8Array) {
    this.#json = json;
    const { packs, packEnds, ids, words } = scratchFor(json.byteLength);
    this.#packs = packs;
    this.#packEnds = packEnds;
    this.#ids = ids;
    this.#words = words;
  }

  scan(): ScannedIndex | null {
    if (!this.#take(fileStart)) return null;
    if (this.#json[this.#at] !== closingBracket) {
      do {
        if (!this.#scanPack()) return null;
      } while (this.#takeByte(comma));
    }
    if (!this.#take(fileEnd)) return null;
    this.#takeByte(lineFeed);
    if (this.#at !== this.#json.byteLength) return null;
    return {
      packCount: this.#packCount,
      blobCount: this.#blobCount,
      packs: this.#packs,
      packEnds: this.#packEnds,
      ids: this.#ids,
      words: this.#words,
    };
  }

  #scanPack(): boolean {
    if (!this.#take(packStart) || !this.#scanId(this.#packs, this.#packCount) || !this.#take(blobsStart)) return false;
    if (this.#json[this.#at] !== closingBracket) {
      do {
        if (!this.#scanBlob()) return false;
      } while (this.#takeByte(comma));
    }
    this.#packEnds[this.#packCount] = this.#blobCount;
    this.#packCount += 1;
    return this.#takeByte(closingBracket) && this.#takeByte(closingBrace);
  }

  #scanBlob(): boolean {
    if (!this.#take(packStart) || !this.#scanId(this.#ids, this.#blobCount) || !this.#take(typeStart)) return false;
    const at = this.#blobCount * scannedWords;
    if (this.#take(dataOffset)) this.#words[at] = 0;
    else if (this.#take(treeOffset)) this.#words[at] = 1;
    else return false;
    const offset = this.#scanNumber();
    const length = offset !== -1 && this.#take(lengthStart) ? this.#scanNumber() : -1;
    const uncompressed = length === -1 ? -1 : this.#take(uncompressedStart) ? this.#scanNumber() : 0;
    if (uncompressed === -1) return false;
    this.#words[at + 1] = offset;
    this.#words[at + 2] = length;
    this.#words[at + 3] = uncompressed;
    this.#blobCount += 1;
    return this.#takeByte(closingBrace);
  }

  #scanId(target: Uint8Array, number: number): boolean {
    const json = this.#json;
    const from = this.#at;
    const to = number * idSize;
    if (from + idSize * 2 > json.byteLength) return false;
    let seen = 0;
    for (let byte = 0; byte < idSize; byte += 1) {
      const high = hexValues[json[from + byte * 2] as number] as number;
      const low = hexValues[json[from + byte * 2 + 1] as number] as number;
      seen |= high | low;
      target[to + byte] = (high << 4) | low;
    }
    this.#at = from + idSize * 2;
    return seen < 16;
  }

  /** A whole number as JSON has it, up to 2^32 - 1; -1 for anything else. */
  #scanNumber(): number {
    const json = this.#json;
    const from = this.#at;
    let value = 0;
    let digit = (json[this.#at] ?? 0) - zero;
    while (digit >= 0 && digit <= 9 && value <= maximumNumber) {
      value = value * 10 + digit;
      this.#at += 1;
      digit = (json[this.#at] ?? 0) - zero;
    }
    const digits = this.#at - from;
    const hasLeadingZero = digits > 1 && json[from] === zero;
    return digits === 0 || hasLeadingZero || value > maximumNumber ? -1 : value;
  }

  #take(text: Uint8Array): boolean {
    const json = this.#json;
    const from = this.#at;
    for (let at = 0; at < text.length; at += 1) if (json[from + at] !== text[at]) return false;
    this.#at = from + text.length;
    return true;
  }

  #takeByte(byte: number): boolean {
    if (this.#json[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }
}
