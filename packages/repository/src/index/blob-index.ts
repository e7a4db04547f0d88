import {
  asBlobId,
  asPackId,
  type BlobId,
  type BlobType,
  type PackedBlob,
  type PackId,
  type PackListing,
} from '../format/blob.ts';
import { scannedWords, type ScannedIndex } from '../format/index-scanner.ts';

/** Where a blob lies. */
export interface BlobLocation extends PackedBlob {
  readonly pack: PackId;
}

/** The memory of an index, as it is handed to worker threads. */
export interface SharedBlobIndex {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly ids: SharedArrayBuffer;
  readonly places: SharedArrayBuffer;
  readonly packs: SharedArrayBuffer;
}

const idSize = 32;
const idWords = idSize / 4;
const placeWords = 4;
const maximumBlobs = 64 * 1024 * 1024;
const maximumPacks = 16 * 1024 * 1024;
const firstCapacity = 1024;
/** Place of a blob that is being stored: it has no pack yet. */
const noPack = 0x7fff_ffff;

/** Values of lower-case hex digits by their byte; 255 for any other byte. */
const digitValues = new Uint8Array(256).fill(255);
for (const [value, digit] of Buffer.from('0123456789abcdef').entries()) digitValues[digit] = value;

const locked = 0;
const blobCount = 1;
const packCount = 2;
/** How often memory has grown: a thread that knows of fewer times looks at it anew. */
const growths = 3;

/**
 * Which blobs a repository holds and where: one table in shared memory for all threads, 48 bytes a blob and at most 8
 * for its slots. Open addressing with linear probing; the first bytes of an id, a SHA-256, serve as its hash. All
 * access goes through one lock, held for less than a microsecond save when the slots grow.
 */
export class BlobIndex {
  readonly shared: SharedBlobIndex;
  readonly #control: Int32Array;
  // Of a fixed length: V8 reads views that grow with their memory several times slower.
  #slots: Uint32Array;
  #ids: Uint32Array;
  /** The same memory, to be read as text. */
  #idBytes: Buffer;
  #places: Uint32Array;
  #packs: Buffer;
  #growths: number;
  readonly #wanted = new Uint32Array(idWords);
  readonly #wantedBytes = Buffer.from(this.#wanted.buffer);
  /** Ids of packs that were asked for, by number: a pack holds thousands of blobs, which share the text. */
  readonly #packIds: PackId[] = [];
  /** Further copies of blobs that lie in several packs. Only the thread that loaded the index knows them. */
  readonly #copies = new Map<string, BlobLocation[]>();

  private constructor(shared: SharedBlobIndex) {
    this.shared = shared;
    this.#control = new Int32Array(shared.control);
    this.#growths = Atomics.load(this.#control, growths);
    this.#slots = viewOf(shared.slots);
    this.#ids = viewOf(shared.ids);
    this.#idBytes = bytesOf(shared.ids);
    this.#places = viewOf(shared.places);
    this.#packs = bytesOf(shared.packs);
  }

  /** An empty index. The memory it reserves is taken only as it fills. */
  static create(): BlobIndex {
    const growable = (size: number, maximum: number) => new SharedArrayBuffer(size, { maxByteLength: maximum });
    return new BlobIndex({
      control: new SharedArrayBuffer(16),
      slots: growable(firstCapacity * 2 * 4, maximumBlobs * 2 * 4),
      ids: growable(firstCapacity * idSize, maximumBlobs * idSize),
      places: growable(firstCapacity * placeWords * 4, maximumBlobs * placeWords * 4),
      packs: growable(firstCapacity * idSize, maximumPacks * idSize),
    });
  }

  /** The same index in another thread. */
  static attach(shared: SharedBlobIndex): BlobIndex {
    return new BlobIndex(shared);
  }

  /** Number of different blobs. */
  get size(): number {
    return Atomics.load(this.#control, blobCount);
  }

  /** Adds the blobs of a stored pack. A blob that is known already, from another pack, gets one more copy. */
  addPack(pack: PackListing): void {
    this.#locked(() => {
      const number = this.#appendPack(pack.id);
      for (const blob of pack.blobs) {
        this.#load(blob.id);
        const tree = blob.type === 'tree' ? 1 : 0;
        const slot = this.#probe(tree);
        const known = (this.#slots[slot] as number) - 1;
        if (known === -1) {
          this.#writePlace(this.#append(slot, tree), (number << 1) | tree, blob);
        } else if ((this.#places[known * placeWords] as number) >>> 1 === noPack) {
          this.#writePlace(known, (number << 1) | tree, blob);
        } else {
          this.#addCopy(pack.id, blob);
        }
      }
    });
  }

  /**
   * Adds what `scanIndexFile` has read, under one lock: nobody else should need the index yet. `expected` is about how many
   * blobs there will be in the end, so that the slots need not grow several times. Returns further copies of blobs that were
   * known already: `addCopies` takes them in the thread that is to know them.
   */
  addScanned({ packCount, packs, packEnds, ids, words }: ScannedIndex, expected: number): BlobLocation[] {
    const copies: BlobLocation[] = [];
    const idsInWords = new Uint32Array(ids.buffer, ids.byteOffset, ids.byteLength / 4);
    const placed = { offset: 0, length: 0, uncompressedLength: 0 };
    let blob = 0;
    this.#locked(() => {
      this.#reserveSlots(expected);
      for (let pack = 0; pack < packCount; pack += 1) {
        const number = this.#appendPackBytes(packs, pack * idSize);
        for (const end = packEnds[pack] as number; blob < end; blob += 1) {
          for (let word = 0; word < idWords; word += 1) {
            this.#wanted[word] = idsInWords[blob * idWords + word] as number;
          }
          const at = blob * scannedWords;
          const tree = words[at] as number;
          placed.offset = words[at + 1] as number;
          placed.length = words[at + 2] as number;
          placed.uncompressedLength = words[at + 3] as number;
          const slot = this.#probe(tree);
          const known = (this.#slots[slot] as number) - 1;
          if (known === -1) {
            this.#writePlace(this.#append(slot, tree), (number << 1) | tree, placed);
          } else if ((this.#places[known * placeWords] as number) >>> 1 === noPack) {
            this.#writePlace(known, (number << 1) | tree, placed);
          } else {
            const type = tree === 1 ? 'tree' : 'data';
            copies.push({ ...placed, id: blobIdOf(this.#wanted), type, pack: this.#packId(number) });
          }
        }
      }
    });
    return copies;
  }

  /** Adds further copies of blobs that are known. */
  addCopies(copies: readonly BlobLocation[]): void {
    for (const copy of copies) this.#addCopy(copy.pack, copy);
  }

  /** Notes that the caller is about to store a blob. Returns false when it is known already or another thread stores it. `id` has 32 bytes. */
  claim(type: BlobType, id: Uint8Array): boolean {
    return this.#locked(() => {
      this.#wantedBytes.set(id);
      const tree = type === 'tree' ? 1 : 0;
      const slot = this.#probe(tree);
      if (this.#slots[slot] !== 0) return false;
      this.#append(slot, tree);
      return true;
    });
  }

  /** Number of a blob, counted from 0 in the order in which blobs became known; -1 when it is unknown. */
  numberOf(type: BlobType, id: BlobId): number {
    return this.#locked(() => {
      this.#load(id);
      return (this.#slots[this.#probe(type === 'tree' ? 1 : 0)] as number) - 1;
    });
  }

  /** As `numberOf`; a blob that is unknown becomes known, without a place. */
  enroll(type: BlobType, id: BlobId): number {
    return this.#locked(() => {
      this.#load(id);
      const tree = type === 'tree' ? 1 : 0;
      const slot = this.#probe(tree);
      const known = (this.#slots[slot] as number) - 1;
      if (known !== -1) return known;
      return this.#append(slot, tree);
    });
  }

  /** The blob that has a number, which must have been given out. */
  blobAt(number: number): { readonly type: BlobType; readonly id: BlobId } {
    const type = this.typeAt(number);
    return { type, id: asBlobId(this.#idBytes.toString('hex', number * idSize, (number + 1) * idSize)) };
  }

  /** The 32 bytes of the id of the blob that has a number, in the index's own memory. */
  idAt(number: number): Uint8Array {
    return new Uint8Array(this.shared.ids, number * idSize, idSize);
  }

  /** The type of the blob that has a number. */
  typeAt(number: number): BlobType {
    this.#followGrowth();
    return ((this.#places[number * placeWords] as number) & 1) === 1 ? 'tree' : 'data';
  }

  /**
   * Number of the pack that holds the blob that has a number; -1 when none does. This and what follows by number takes no
   * lock: it is for an index that nobody adds to any more.
   */
  packAt(number: number): number {
    this.#followGrowth();
    const pack = (this.#places[number * placeWords] as number) >>> 1;
    return pack === noPack ? -1 : pack;
  }

  /** Bytes that the blob that has a number takes in its pack. */
  lengthAt(number: number): number {
    this.#followGrowth();
    return this.#places[number * placeWords + 2] as number;
  }

  /** Size in bytes of the plaintext of the blob that has a number; 0 for a blob stored plain. */
  uncompressedLengthAt(number: number): number {
    this.#followGrowth();
    return this.#places[number * placeWords + 3] as number;
  }

  /** Where the blob that has a number lies; null when no pack holds it. */
  locationAt(number: number): BlobLocation | null {
    const pack = this.packAt(number);
    if (pack === -1) return null;
    const { type, id } = this.blobAt(number);
    return {
      id,
      type,
      pack: this.packId(pack),
      offset: this.#places[number * placeWords + 1] as number,
      length: this.lengthAt(number),
      uncompressedLength: this.uncompressedLengthAt(number),
    };
  }

  /** Id of the pack that has a number. */
  packId(number: number): PackId {
    this.#followGrowth();
    return this.#packId(number);
  }

  /** Tells whether a blob is stored or being stored. */
  has(type: BlobType, id: BlobId): boolean {
    return this.#locked(() => {
      this.#load(id);
      return this.#slots[this.#probe(type === 'tree' ? 1 : 0)] !== 0;
    });
  }

  /**
   * As `has`; the id stands as hex digits at a place in `text`. False for what is no id.
   *
   * A blob that is found is known whoever writes meanwhile, since entries are never changed or taken away. One that is not
   * found may be hidden by the growth of the slots, and is looked for again under the lock.
   */
  hasDigits(type: BlobType, text: Uint8Array, from: number): boolean {
    return this.numberOfDigits(type, text, from) !== -1;
  }

  /** As `numberOf`; the id stands as hex digits at a place in `text`. -1 for what is no id. Looks as `hasDigits` does. */
  numberOfDigits(type: BlobType, text: Uint8Array, from: number): number {
    for (let at = 0; at < idSize; at += 1) {
      const high = digitValues[text[from + 2 * at] ?? 0] as number;
      const low = digitValues[text[from + 2 * at + 1] ?? 0] as number;
      if (high > 15 || low > 15) return -1;
      this.#wantedBytes[at] = high * 16 + low;
    }
    const tree = type === 'tree' ? 1 : 0;
    const found = this.#slots[this.#probe(tree)] as number;
    return (found === 0 ? this.#locked(() => this.#slots[this.#probe(tree)] as number) : found) - 1;
  }

  /** Where a blob lies; null when it is unknown or not stored yet. */
  find(type: BlobType, id: BlobId): BlobLocation | null {
    return this.#locked(() => {
      this.#load(id);
      const entry = (this.#slots[this.#probe(type === 'tree' ? 1 : 0)] as number) - 1;
      if (entry === -1) return null;
      const at = entry * placeWords;
      const pack = (this.#places[at] as number) >>> 1;
      if (pack === noPack) return null;
      return {
        id,
        type,
        pack: this.#packId(pack),
        offset: this.#places[at + 1] as number,
        length: this.#places[at + 2] as number,
        uncompressedLength: this.#places[at + 3] as number,
      };
    });
  }

  /** All known places of a blob: the one that `find` gives, then further copies. */
  findAll(type: BlobType, id: BlobId): readonly BlobLocation[] {
    const first = this.find(type, id);
    return first === null ? [] : [first, ...(this.#copies.get(`${type} ${id}`) ?? [])];
  }

  #addCopy(pack: PackId, blob: PackedBlob): void {
    const key = `${blob.type} ${blob.id}`;
    const copies = this.#copies.get(key) ?? [];
    this.#copies.set(key, [...copies, { ...blob, pack }]);
  }

  #load(id: BlobId): void {
    this.#wantedBytes.write(id, 'hex');
  }

  /** The slot that holds the wanted blob, or the empty one where it belongs. */
  #probe(tree: number): number {
    const mask = this.#slots.length - 1;
    let slot = ((this.#wanted[0] as number) ^ tree) & mask;
    for (;;) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry === -1 || this.#matches(entry, tree)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #matches(entry: number, tree: number): boolean {
    if (((this.#places[entry * placeWords] as number) & 1) !== tree) return false;
    const at = entry * idWords;
    for (let word = 0; word < idWords; word += 1) {
      if (this.#ids[at + word] !== this.#wanted[word]) return false;
    }
    return true;
  }

  /** Appends the wanted blob as a new entry without a place, referred to from `slot`. */
  #append(slot: number, tree: number): number {
    const entry = this.#control[blobCount] as number;
    if ((entry + 1) * idSize > this.#ids.byteLength) {
      this.shared.ids.grow(Math.min(this.#ids.byteLength * 2, maximumBlobs * idSize));
      this.shared.places.grow(Math.min(this.#places.byteLength * 2, maximumBlobs * placeWords * 4));
      this.#noteGrowth();
    }
    this.#ids.set(this.#wanted, entry * idWords);
    // Before the slots grow: the type is part of what an entry is found by.
    this.#places[entry * placeWords] = ((noPack << 1) | tree) >>> 0;
    this.#slots[slot] = entry + 1;
    this.#control[blobCount] = entry + 1;
    if ((entry + 1) * 2 > this.#slots.length) this.#growSlots(this.#slots.length * 2);
    return entry;
  }

  /** Makes the slots as many as so many blobs will need. */
  #reserveSlots(blobs: number): void {
    let slots = this.#slots.length;
    while (slots < Math.min(blobs, maximumBlobs) * 2) slots *= 2;
    if (slots > this.#slots.length) this.#growSlots(slots);
  }

  #growSlots(slots: number): void {
    this.shared.slots.grow(slots * 4);
    this.#noteGrowth();
    this.#slots.fill(0);
    const mask = this.#slots.length - 1;
    for (let entry = 0; entry < (this.#control[blobCount] as number); entry += 1) {
      const tree = (this.#places[entry * placeWords] as number) & 1;
      let slot = ((this.#ids[entry * idWords] as number) ^ tree) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = entry + 1;
    }
  }

  #writePlace(entry: number, packAndType: number, blob: Omit<PackedBlob, 'id' | 'type'>): void {
    const at = entry * placeWords;
    this.#places[at] = packAndType >>> 0;
    this.#places[at + 1] = blob.offset;
    this.#places[at + 2] = blob.length;
    this.#places[at + 3] = blob.uncompressedLength;
  }

  #appendPack(id: PackId): number {
    return this.#appendPackBytes(Buffer.from(id, 'hex'), 0);
  }

  /** Appends the pack whose id stands at a place in `bytes`. */
  #appendPackBytes(bytes: Uint8Array, from: number): number {
    const number = this.#control[packCount] as number;
    if ((number + 1) * idSize > this.#packs.byteLength) {
      this.shared.packs.grow(this.#packs.byteLength * 2);
      this.#noteGrowth();
    }
    for (let at = 0; at < idSize; at += 1) this.#packs[number * idSize + at] = bytes[from + at] as number;
    this.#control[packCount] = number + 1;
    return number;
  }

  #packId(number: number): PackId {
    let id = this.#packIds[number];
    if (id === undefined) {
      id = asPackId(this.#packs.toString('hex', number * idSize, (number + 1) * idSize));
      this.#packIds[number] = id;
    }
    return id;
  }

  /** Tells other threads of memory that this one has made grow, under the lock. */
  #noteGrowth(): void {
    Atomics.add(this.#control, growths, 1);
    this.#followGrowth();
  }

  /** Looks at memory anew that has grown. */
  #followGrowth(): void {
    const now = Atomics.load(this.#control, growths);
    if (now === this.#growths) return;
    const { slots, ids, places, packs } = this.shared;
    this.#slots = viewOf(slots);
    this.#ids = viewOf(ids);
    this.#idBytes = bytesOf(ids);
    this.#places = viewOf(places);
    this.#packs = bytesOf(packs);
    this.#growths = now;
  }

  #locked<Result>(work: () => Result): Result {
    while (Atomics.compareExchange(this.#control, locked, 0, 1) !== 0) Atomics.wait(this.#control, locked, 1, 1);
    this.#followGrowth();
    try {
      return work();
    } finally {
      Atomics.store(this.#control, locked, 0);
      Atomics.notify(this.#control, locked, 1);
    }
  }
}

function viewOf(memory: SharedArrayBuffer): Uint32Array {
  return new Uint32Array(memory, 0, memory.byteLength / 4);
}

function bytesOf(memory: SharedArrayBuffer): Buffer {
  return Buffer.from(memory, 0, memory.byteLength);
}

/** The id in hex of 32 bytes. */
export function blobIdOf(bytes: Uint8Array | Uint32Array): BlobId {
  return asBlobId(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));
}
