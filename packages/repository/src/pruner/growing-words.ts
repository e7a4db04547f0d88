const firstCapacity = 1024;
/** Room for more than the copies of as many blobs as an index takes. */
const maximumCapacity = 512 * 1024 * 1024;

/**
 * Whole numbers up to 2^32 - 1 in a row that grows at its end, 4 bytes each. Unwritten ones are 0. The memory it reserves is
 * taken only as it fills, and stays where it is: a copy at each growth would take half as much again.
 */
export class GrowingWords {
  readonly #memory = new SharedArrayBuffer(firstCapacity * 4, { maxByteLength: maximumCapacity * 4 });
  // Of a fixed length: V8 reads views that grow with their memory several times slower.
  #words = new Uint32Array(this.#memory, 0, firstCapacity);

  get(at: number): number {
    return this.#words[at] ?? 0;
  }

  set(at: number, value: number): void {
    if (at >= this.#words.length) {
      const capacity = Math.min(Math.max(at + 1, this.#words.length * 2), maximumCapacity);
      this.#memory.grow(capacity * 4);
      this.#words = new Uint32Array(this.#memory, 0, capacity);
    }
    this.#words[at] = value;
  }
}
