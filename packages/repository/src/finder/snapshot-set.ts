/** A set of snapshots, each by its place in the order of time. Sets of one history have the same length. */
export class SnapshotSet {
  readonly #words: Uint32Array;

  constructor(snapshots: number) {
    this.#words = new Uint32Array(Math.ceil(snapshots / 32));
  }

  add(place: number): void {
    const word = place >>> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (place & 31));
  }

  addAll(other: SnapshotSet): void {
    for (const [at, word] of other.#words.entries()) this.#words[at] = (this.#words[at] ?? 0) | word;
  }

  get isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  /** The places in the set, in their order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [at, word] of this.#words.entries()) {
      for (let bit = 0; bit < 32; bit += 1) if ((word & (1 << bit)) !== 0) yield at * 32 + bit;
    }
  }
}
