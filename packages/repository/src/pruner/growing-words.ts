const firstCapacity = 1024;

/** Whole numbers up to 2^32 - 1 in a row that grows at its end, 4 bytes each. Unwritten ones are 0. */
export class GrowingWords {
  #words = new Uint32Array(firstCapacity);

  get(at: number): number {
    return this.#words[at] ?? 0;
  }

  set(at: number, value: number): void {
    if (at >= this.#words.length) {
      const grown = new Uint32Array(Math.max(at + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[at] = value;
  }
}
