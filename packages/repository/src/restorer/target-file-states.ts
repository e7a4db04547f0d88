/** How a file of the plan is written. */
export type WriteMode =
  /** Into a new temporary file: what is not written reads as zeros. */
  | 'new'
  /** Into a temporary file that holds right parts of an earlier attempt or of the file that stands in the target. */
  | 'filled'
  /** Straight into the file that stands in the target. */
  | 'in place';

const modes: readonly WriteMode[] = ['new', 'filled', 'in place'];
const nobody = 0n;
const beingMade = -1n;
const longestWait = 1000;

/** Which file it is. The owner counts too, because the inode of a file that was removed may be given to a new one. */
export interface FileIdentity {
  readonly inode: bigint;
  readonly owner: number;
}

/** The memory of `TargetFileStates`, as it is handed to threads. */
export interface SharedTargetFileStates {
  readonly remaining: SharedArrayBuffer;
  readonly modes: SharedArrayBuffer;
  readonly inodes: SharedArrayBuffer;
  readonly owners: SharedArrayBuffer;
}

/**
 * What the threads of a restore know together of each file of the plan: how it is written, which file in the target it is,
 * and how many blobs are still to come.
 *
 * A thread opens only the very file that another thread made or looked at, told by its inode and its owner: what somebody
 * plants in its place is never written to.
 */
export class TargetFileStates {
  readonly shared: SharedTargetFileStates;
  readonly #remaining: Int32Array;
  readonly #modes: Uint8Array;
  readonly #inodes: BigInt64Array;
  readonly #owners: Uint32Array;

  constructor(shared: SharedTargetFileStates) {
    this.shared = shared;
    this.#remaining = new Int32Array(shared.remaining);
    this.#modes = new Uint8Array(shared.modes);
    this.#inodes = new BigInt64Array(shared.inodes);
    this.#owners = new Uint32Array(shared.owners);
  }

  /** States of a number of files, all of them new. */
  static create(files: number): TargetFileStates {
    const count = Math.max(1, files);
    return new TargetFileStates({
      remaining: new SharedArrayBuffer(count * 4),
      modes: new SharedArrayBuffer(count),
      inodes: new SharedArrayBuffer(count * 8),
      owners: new SharedArrayBuffer(count * 4),
    });
  }

  modeOf(file: number): WriteMode {
    return modes[Atomics.load(this.#modes, file)] ?? 'new';
  }

  /** Sets how many blobs are to be written to a file. */
  expect(file: number, blobs: number): void {
    Atomics.store(this.#remaining, file, blobs);
  }

  /** Counts a blob as written. Returns whether it was the last one. */
  countBlob(file: number): boolean {
    return Atomics.sub(this.#remaining, file, 1) === 1;
  }

  /** Counts the only blob of a file that nothing was written to yet. Returns false, with nothing counted, for any other file. */
  claimWhole(file: number): boolean {
    if (this.modeOf(file) !== 'new' || Atomics.load(this.#inodes, file) !== nobody) return false;
    return Atomics.compareExchange(this.#remaining, file, 1, 0) === 1;
  }

  /** Notes the file that is to be written to from now on. */
  adopt(file: number, mode: WriteMode, identity: FileIdentity): void {
    Atomics.store(this.#modes, file, modes.indexOf(mode));
    this.#publish(file, identity);
  }

  /** Which file is written to. When there is none yet, one thread makes it with `make` while the others wait. */
  identify(file: number, make: () => FileIdentity): FileIdentity {
    for (;;) {
      const inode = Atomics.compareExchange(this.#inodes, file, nobody, beingMade);
      if (inode === nobody) break;
      if (inode !== beingMade) {
        return { inode: BigInt.asUintN(64, inode), owner: Atomics.load(this.#owners, file) };
      }
      Atomics.wait(this.#inodes, file, beingMade, longestWait);
    }
    let made: FileIdentity = { inode: nobody, owner: 0 };
    try {
      made = make();
    } finally {
      this.#publish(file, made);
    }
    return made;
  }

  /** The inode is stored last: whoever sees it sees the owner. */
  #publish(file: number, { inode, owner }: FileIdentity): void {
    Atomics.store(this.#owners, file, owner);
    Atomics.store(this.#inodes, file, BigInt.asIntN(64, inode));
    Atomics.notify(this.#inodes, file);
  }
}
