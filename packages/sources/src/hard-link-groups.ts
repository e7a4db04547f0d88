/** What tells one file from another: two names of one file have the same. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
}

/** How a pair of files fits the pairs that were seen before. */
export type LinkVerdict = 'new' | 'same_pair' | 'different';

/**
 * Compares which names share a file in two folders. The count of links is not compared, since names outside the folder
 * count too; what is compared is that names share a file on one side exactly when they do on the other. Memory grows
 * with the number of files that have several names.
 */
export class HardLinkGroups {
  readonly #actualOf = new Map<string, string>();
  readonly #expectedOf = new Map<string, string>();

  /** Takes the two files that one name stands for. */
  add(expected: FileIdentity, actual: FileIdentity): LinkVerdict {
    if (expected.nlink === 1n && actual.nlink === 1n) return 'new';
    const expectedKey = `${expected.dev}:${expected.ino}`;
    const actualKey = `${actual.dev}:${actual.ino}`;
    const knownActual = this.#actualOf.get(expectedKey);
    const knownExpected = this.#expectedOf.get(actualKey);
    if (knownActual === undefined && knownExpected === undefined) {
      this.#actualOf.set(expectedKey, actualKey);
      this.#expectedOf.set(actualKey, expectedKey);
      return 'new';
    }
    return knownActual === actualKey && knownExpected === expectedKey ? 'same_pair' : 'different';
  }
}
