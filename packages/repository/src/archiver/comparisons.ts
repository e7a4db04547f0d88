import type { BlobId } from '../format/blob.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { unexpected } from './back-up-large-file.ts';
import type { ComparedFolder, FileNotice, FileRequest, FileResponse, UnchangedFolder } from './file-messages.ts';

/** Requests into which the folders that one of them left over are put: enough for all threads, few enough to be of use. */
const requestsForRest = 4;

/**
 * Has the threads compare what is protected with the parent snapshot, ahead of the walk. The walk passes what is unchanged
 * without a look at it.
 */
export class Comparisons {
  readonly #files: WorkerPool<FileRequest, FileResponse, FileNotice>;
  readonly #unchanged = new Map<string, UnchangedFolder>();
  /** Folders that a thread was asked for, by path. */
  readonly #asked = new Map<string, Promise<void>>();

  constructor(files: WorkerPool<FileRequest, FileResponse, FileNotice>) {
    this.#files = files;
  }

  /** Starts the comparison of a folder and of all below it. */
  begin(folder: ComparedFolder): void {
    this.#ask([folder]);
  }

  /**
   * Resolves with what a folder holds when nothing in it has changed since the parent; null when something has. Asked once
   * for each folder that the parent has, and for one that lies in another after that one. Throws what the comparison
   * throws.
   */
  async unchanged(path: string, tree: BlobId): Promise<UnchangedFolder | null> {
    for (let asked = this.#asked.get(path); asked !== undefined; asked = this.#asked.get(path)) {
      await asked;
      // It may have been left over and asked for again.
      if (this.#asked.get(path) === asked) this.#asked.delete(path);
    }
    const found = this.#unchanged.get(path);
    if (found === undefined) return null;
    this.#unchanged.delete(path);
    return found.tree === tree ? found : null;
  }

  #ask(folders: readonly ComparedFolder[]): void {
    const answered = this.#compare(folders);
    // Looked after where the walk comes to the folder, which may be much later.
    answered.catch(() => undefined);
    for (const { path } of folders) this.#asked.set(path, answered);
  }

  async #compare(folders: readonly ComparedFolder[]): Promise<void> {
    const response = await this.#files.run({ kind: 'compare', folders });
    if (response.kind !== 'compare') throw unexpected(response);
    const { unchanged, rest } = response.comparison;
    for (const folder of unchanged) this.#unchanged.set(folder.path, folder);
    const share = Math.ceil(rest.length / requestsForRest);
    for (let from = 0; from < rest.length; from += share) this.#ask(rest.slice(from, from + share));
  }
}
