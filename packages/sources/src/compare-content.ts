import { closeSync, constants, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/** No link is followed and nothing is waited for, should the file have been replaced since it was looked at. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Compares files by their bytes, with two buffers of 1 MiB that are used for every file. */
export class ContentComparison {
  readonly #expected = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly #actual = Buffer.allocUnsafeSlow(CHUNK_BYTES);

  /**
   * The offset of the first byte in which two files differ, or null when they hold the same. `onChunk` is told how many
   * bytes were compared, after each chunk, and may wait. Throws what `open` and `read` throw.
   */
  async firstDifference(
    expectedPath: Buffer,
    actualPath: Buffer,
    onChunk: (bytes: number) => Promise<void>,
  ): Promise<number | null> {
    const expectedFile = openSync(expectedPath, OPEN_FLAGS);
    try {
      const actualFile = openSync(actualPath, OPEN_FLAGS);
      try {
        for (let offset = 0; ; offset += CHUNK_BYTES) {
          const expected = fill(expectedFile, this.#expected, offset);
          const actual = fill(actualFile, this.#actual, offset);
          if (!expected.equals(actual)) return offset + firstDifferentByte(expected, actual);
          await onChunk(expected.length);
          if (expected.length < CHUNK_BYTES) return null;
        }
      } finally {
        closeSync(actualFile);
      }
    } finally {
      closeSync(expectedFile);
    }
  }
}

/** Reads until the buffer is full or the file ends. */
function fill(file: number, buffer: Buffer, offset: number): Buffer {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

function firstDifferentByte(expected: Buffer, actual: Buffer): number {
  const common = Math.min(expected.length, actual.length);
  for (let position = 0; position < common; position += 1) {
    if (expected[position] !== actual[position]) return position;
  }
  return common;
}
