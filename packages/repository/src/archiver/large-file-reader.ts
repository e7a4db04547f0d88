import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { minimumChunk } from '../chunker/chunker-parameters.ts';
import type { Chunker } from '../chunker/chunker.ts';
import type { BlobId } from '../format/blob.ts';
import { nextDataRegion } from '../posix/holes.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ChunkSaver } from './chunk-saver.ts';
import type { ChunkRun, FileResponse, LargeFile, RepeatedChunk } from './file-messages.ts';
import { openForReading, replacedFile, unread } from './open-file.ts';

/** Bytes that are cut at a time: enough work for all threads while the next part is cut. */
const cutSize = 64 * 1024 * 1024;
/** Bytes of chunks that are stored by one request. */
const runSize = 8 * 1024 * 1024;

/**
 * Reads large files part by part, so that several threads work on one. Where a chunk ends depends on where it starts, so
 * the parts of a file are cut one after the other; that is quick, and what takes time, hashing, compressing and sealing,
 * happens to many chunks at once. What is cut is read twice, the second time mostly from the system's memory.
 */
export class LargeFileReader {
  readonly #chunker: Chunker;
  readonly #saver: ChunkSaver;
  #zeros: BlobId | null = null;

  constructor(chunker: Chunker, saver: ChunkSaver) {
    this.#chunker = chunker;
    this.#saver = saver;
  }

  /** Finds the chunks of the next part of a file, from `offset`, where a chunk starts. */
  cut(file: LargeFile, offset: number): Promise<FileResponse> {
    return withFile(file, async (descriptor) => {
      const parts: (ChunkRun | RepeatedChunk)[] = [];
      let end = offset;
      while (end < file.size && end - offset < cutSize) {
        throwIfStopped();
        const zeros = countZeroChunks(descriptor, end, file.size);
        if (zeros > 0) {
          parts.push({ kind: 'repeated', id: await this.#saveZeros(), count: zeros });
          this.#saver.count(zeros * minimumChunk);
          end += zeros * minimumChunk;
          continue;
        }
        const lengths = this.#findChunks(descriptor, end, file.size);
        for (const run of splitRun(end, lengths)) parts.push(run);
        end += sum(lengths);
      }
      return { kind: 'cut', parts, end };
    });
  }

  /** Stores chunks. */
  store(file: LargeFile, { offset, lengths }: ChunkRun): Promise<FileResponse> {
    return withFile(file, async (descriptor) => {
      const ids: BlobId[] = [];
      let position = offset;
      for (const length of lengths) {
        throwIfStopped();
        this.#fill(descriptor, position, length);
        this.#saver.count(length);
        ids.push(await this.#saver.save(this.#chunker.buffer.subarray(0, length)));
        position += length;
      }
      return { kind: 'store', ids };
    });
  }

  /** The chunks of what the buffer takes from `offset` on; at least one. */
  #findChunks(descriptor: number, offset: number, size: number): number[] {
    const filled = Math.min(this.#chunker.buffer.byteLength, size - offset);
    this.#fill(descriptor, offset, filled);
    const lengths: number[] = [];
    let start = 0;
    while (start < filled) {
      const end = this.#chunker.findEnd(start, filled, offset + filled === size);
      if (end === 0) break;
      lengths.push(end - start);
      start = end;
    }
    return lengths;
  }

  #fill(descriptor: number, offset: number, length: number): void {
    let filled = 0;
    while (filled < length) {
      const read = readSync(descriptor, this.#chunker.buffer, filled, length - filled, offset + filled);
      if (read === 0) throw new EndedEarly();
      filled += read;
    }
  }

  async #saveZeros(): Promise<BlobId> {
    this.#zeros ??= await this.#saver.save(Buffer.alloc(minimumChunk));
    return this.#zeros;
  }
}

/** A file that became shorter than it was: the walk looks at it again. */
class EndedEarly extends PlatformError {
  constructor() {
    super('INTERNAL', 'a file ended early');
  }
}

async function withFile(file: LargeFile, work: (descriptor: number) => Promise<FileResponse>): Promise<FileResponse> {
  let descriptor: number;
  try {
    descriptor = openForReading(Buffer.from(file.path, 'latin1'));
  } catch (error) {
    return unread(error);
  }
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if ((Number(stat.mode) & constants.S_IFMT) !== constants.S_IFREG || stat.ino !== file.inode) return replacedFile;
    return await work(descriptor);
  } catch (error) {
    if (error instanceof EndedEarly) return { kind: 'unread', code: 'FILE_CHANGED', message: 'it became shorter' };
    if (error instanceof PlatformError) throw error;
    return unread(error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * How many of the chunks from `offset` lie in a part that was never written. In zeros every window's fingerprint is zero,
 * so that each chunk has the smallest size.
 */
function countZeroChunks(descriptor: number, offset: number, size: number): number {
  const data = nextDataRegion(descriptor, offset, size)?.start ?? size;
  return Math.floor((data - offset) / minimumChunk);
}

/** Chunks that follow each other, in runs for one request each. */
function splitRun(offset: number, lengths: readonly number[]): ChunkRun[] {
  const runs: ChunkRun[] = [];
  let run: number[] = [];
  let start = offset;
  for (const length of lengths) {
    run.push(length);
    if (sum(run) >= runSize) {
      runs.push({ kind: 'run', offset: start, lengths: run });
      start += sum(run);
      run = [];
    }
  }
  return run.length === 0 ? runs : [...runs, { kind: 'run', offset: start, lengths: run }];
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
