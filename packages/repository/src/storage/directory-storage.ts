import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  mkdirSync,
  open as openWithFlags,
  openSync,
  read,
  writeSync,
} from 'node:fs';
import { chmod, link, mkdir, open, opendir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { largestWrite } from '../posix/largest-write.ts';
import type { StorageDescription } from './storage-description.ts';
import { describeFile, isStoredName, type ByteRange, type FileType, type Storage, type StoredFile } from './storage.ts';
import type { TransferLimiter } from './transfer-limiter.ts';

const syncFile = promisify(fsync);
const readFrom = promisify(read);
const openLater = promisify(openWithFlags);

/** Bytes of one read: the system's own limit lies at 2 GiB, and Node refuses more. */
const largestRead = 1024 * 1024 * 1024;

/**
 * A repository in a folder, laid out and written as restic does it: a temporary file in the same folder, fsync, rename,
 * fsync of the folder, mode 0400. A crash before the rename leaves `<name>-tmp-…`, which listings skip.
 */
export class DirectoryStorage implements Storage {
  readonly location: string;
  readonly description: StorageDescription;
  readonly readOnly = false;
  readonly takesDataAtOnce: boolean;
  readonly #limiter: TransferLimiter | null;

  /** `folder` is an absolute path. Nothing is read or written until the first call. */
  constructor(folder: string, description: StorageDescription, limiter: TransferLimiter | null) {
    this.location = folder;
    this.description = description;
    this.#limiter = limiter;
    this.takesDataAtOnce = !isMainThread && limiter === null;
  }

  async put(type: FileType, name: string, data: Uint8Array): Promise<void> {
    const path = this.#path(type, name);
    await this.#write(path, data, (temporary) => rename(temporary, path));
  }

  async create(type: FileType, name: string, data: Uint8Array): Promise<void> {
    const path = this.#path(type, name);
    // A link refuses to replace a file, which a rename would do.
    await this.#write(path, data, async (temporary) => {
      await link(temporary, path);
      await unlink(temporary);
    });
  }

  async get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
    const path = this.#path(type, name);
    try {
      const limiter = this.#limiter;
      if (limiter === null) return await this.#read(path, describeFile(type, name), range);
      return await limiter.connect(() => this.#read(path, describeFile(type, name), range));
    } catch (error) {
      throw storageError(error, path);
    }
  }

  async stat(type: FileType, name: string): Promise<StoredFile | null> {
    const path = this.#path(type, name);
    try {
      return { name, size: (await stat(path)).size };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw storageError(error, path);
    }
  }

  async *list(type: FileType): AsyncIterable<StoredFile> {
    if (type === 'config') {
      const config = await this.stat('config', 'config');
      if (config !== null) yield config;
      return;
    }
    const root = join(this.location, type);
    if (type !== 'data') {
      yield* listFolder(root);
      return;
    }
    for (const folder of await readFolder(root)) {
      if (/^[0-9a-f]{2}$/.test(folder)) yield* listFolder(join(root, folder));
    }
  }

  async delete(type: FileType, name: string): Promise<void> {
    const path = this.#path(type, name);
    try {
      await unlink(path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      // Immutable or append-only files and folders: what a retention is to S3. A lack of rights is EACCES.
      if (systemCode(error) === 'EPERM') {
        const sentence = `${path} may not be removed: the file system protects it (EPERM)`;
        throw new PlatformError('STORAGE_OBJECT_LOCKED', sentence, { cause: error });
      }
      throw storageError(error, path);
    }
  }

  async #read(path: string, shown: string, range: ByteRange | undefined): Promise<Buffer> {
    const limiter = this.#limiter;
    const file = await openToRead(path);
    try {
      const { offset, length } = range ?? { offset: 0, length: fstatSync(file).size };
      const data = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const slice = Math.min(length - filled, largestRead, limiter?.sliceOf('down') ?? largestRead);
        await limiter?.take('down', slice);
        const { bytesRead } = await readFrom(file, data, filled, slice, offset + filled);
        if (bytesRead === 0) throw new PlatformError('FILE_DAMAGED', `${shown} ends before byte ${offset + length}`);
        filled += bytesRead;
      }
      return data;
    } finally {
      closeSync(file);
    }
  }

  #path(type: FileType, name: string): string {
    if (type === 'config') return join(this.location, 'config');
    return type === 'data' ? join(this.location, type, name.slice(0, 2), name) : join(this.location, type, name);
  }

  async #write(path: string, data: Uint8Array, publish: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = `${path}-tmp-${randomBytes(4).toString('hex')}`;
    const folder = dirname(path);
    const limiter = this.#limiter;
    try {
      if (this.takesDataAtOnce) await writeInThread(temporary, data, folder);
      else if (limiter === null) await writeDurably(temporary, data, folder, null);
      else await limiter.connect(() => writeDurably(temporary, data, folder, limiter));
      await publish(temporary);
      await syncFolder(folder);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw storageError(error, path);
    }
  }
}

async function writeDurably(
  path: string,
  data: Uint8Array,
  folder: string,
  limiter: TransferLimiter | null,
): Promise<void> {
  const openNew = () => open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  const file = await openNew().catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    // A new folder is only as durable as its entry in the one above.
    if (made !== undefined) await syncFolder(dirname(made));
    return openNew();
  });
  try {
    let written = 0;
    while (written < data.byteLength) {
      const slice = Math.min(data.byteLength - written, largestWrite, limiter?.sliceOf('up') ?? largestWrite);
      await limiter?.take('up', slice);
      written += (await file.write(data, written, slice)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o400);
}

/**
 * As `writeDurably`, with all of the data written before the promise is returned. A thread that reads files looks only now and
 * then whether an asynchronous call has ended: of the dozens of calls that a pack takes, most would wait for that.
 */
async function writeInThread(path: string, data: Uint8Array, folder: string): Promise<void> {
  const { file, made } = createNow(path, folder);
  try {
    for (let written = 0; written < data.byteLength;) {
      written += writeSync(file, data, written, Math.min(data.byteLength - written, largestWrite));
    }
    if (made !== undefined) await syncFolder(dirname(made));
    await syncFile(file);
  } finally {
    closeSync(file);
  }
  await chmod(path, 0o400);
}

/** Creates a file, and its folder when that is missing; `made` is the first folder that was made. */
function createNow(path: string, folder: string): { readonly file: number; readonly made: string | undefined } {
  try {
    return { file: openSync(path, 'wx', 0o600), made: undefined };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { file: openSync(path, 'wx', 0o600), made };
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = await openToRead(folder);
  try {
    await syncFile(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** In a thread it opens at once: a descriptor whose opening was under way when the thread ended would stay open. */
async function openToRead(path: string): Promise<number> {
  return isMainThread ? openLater(path, constants.O_RDONLY) : openSync(path, constants.O_RDONLY);
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw storageError(error, folder);
  }
}

async function* listFolder(folder: string): AsyncIterable<StoredFile> {
  let entries;
  try {
    entries = await opendir(folder, { bufferSize: 256 });
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return;
    throw storageError(error, folder);
  }
  for await (const entry of entries) {
    if (!isStoredName(entry.name)) continue;
    const found = await stat(join(folder, entry.name)).catch((error: unknown) => {
      // Removed between the listing and now, by a prune or an unlock elsewhere.
      if (systemCode(error) === 'ENOENT') return null;
      throw storageError(error, folder);
    });
    if (found?.isFile() === true) yield { name: entry.name, size: found.size };
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Gives a file system's error the code and the sentence that a person can act on. */
function storageError(error: unknown, path: string): PlatformError {
  if (error instanceof PlatformError) return error;
  const code = systemCode(error);
  const options = { cause: error };
  switch (code) {
    case 'ENOENT':
      return new PlatformError('STORAGE_FILE_MISSING', `${path} is missing`, options);
    case 'EEXIST':
      return new PlatformError('REPOSITORY_EXISTS', `${path} exists`, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new PlatformError('STORAGE_FULL', `no space is left to write ${path}`, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new PlatformError('STORAGE_ACCESS_DENIED', `${path} may not be used (${code})`, options);
    default:
      return new PlatformError('STORAGE_UNAVAILABLE', `${path} cannot be used (${code ?? String(error)})`, options);
  }
}
