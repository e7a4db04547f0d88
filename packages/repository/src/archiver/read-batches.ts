import type { WorkerPool } from '../worker/worker-pool.ts';
import { unexpected } from './back-up-large-file.ts';
import type { FileNotice, FileRequest, FileResponse, FolderFiles, ReadFile, UnreadFile } from './file-messages.ts';
import { decodeOutcomes } from './read-outcomes.ts';

/** Files that are handed to a thread at a time: enough that messages cost little, few enough that all threads have work. */
const filesPerRequest = 64;
const bytesPerRequest = 16 * 1024 * 1024;

/** Files of a folder that wait for their request. */
interface WaitingFiles extends FolderFiles {
  readonly resolve: (outcomes: readonly (ReadFile | UnreadFile)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Hands files to threads to be read, those of small folders together: to wake a thread up for a request, and this one for its
 * answer, takes as long as reading several files.
 */
export class ReadBatches {
  readonly #threads: WorkerPool<FileRequest, FileResponse, FileNotice>;
  readonly #onBytes: (bytes: number) => void;
  #waiting: WaitingFiles[] = [];
  #files = 0;
  #bytes = 0;

  /** `onBytes` is told of bytes that were read. */
  constructor(threads: WorkerPool<FileRequest, FileResponse, FileNotice>, onBytes: (bytes: number) => void) {
    this.#threads = threads;
    this.#onBytes = onBytes;
  }

  /** Whether so many files of so many bytes in all fill a request with what was added before: then add them, and `send`. */
  isFullWith(files: number, bytes: number): boolean {
    return this.#files + files >= filesPerRequest || this.#bytes + bytes >= bytesPerRequest;
  }

  /** Adds files of a folder. Resolves with an outcome for each, in their order, some time after `send`. */
  add(
    folder: string,
    files: readonly { readonly name: string; readonly size: number }[],
  ): Promise<readonly (ReadFile | UnreadFile)[]> {
    this.#files += files.length;
    for (const { size } of files) this.#bytes += size;
    const names = files.map(({ name }) => name);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ folder, names, resolve, reject });
    });
  }

  /** Hands over what was added, once a thread has room for it. Throws the failure of the threads. */
  async send(): Promise<void> {
    if (this.#files === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#files = 0;
    this.#bytes = 0;
    await this.#threads.capacity();
    this.#run(waiting).catch((error: unknown) => {
      for (const { reject } of waiting) reject(error);
    });
  }

  async #run(waiting: readonly WaitingFiles[]): Promise<void> {
    const folders = waiting.map(({ folder, names }) => ({ folder, names }));
    const response = await this.#threads.run({ kind: 'read', folders });
    if (response.kind !== 'read') throw unexpected(response);
    this.#onBytes(response.bytes);
    const outcomes = decodeOutcomes(response.outcomes);
    let position = 0;
    for (const { names, resolve } of waiting) {
      resolve(outcomes.slice(position, position + names.length));
      position += names.length;
    }
  }
}
