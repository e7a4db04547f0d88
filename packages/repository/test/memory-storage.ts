import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { isStoredName, type ByteRange, type FileType, type Storage, type StoredFile } from '../src/storage/storage.ts';
import { filesOf } from './damaged-repository.ts';

/** A file of a repository in memory. */
export interface MemoryFile {
  readonly type: FileType;
  readonly name: string;
  readonly data: Buffer;
}

/** The files of a repository in a folder. */
export function readFiles(location: string): MemoryFile[] {
  const kinds = ['data', 'index', 'keys', 'snapshots'] as const;
  const files = kinds.flatMap((type) =>
    filesOf(location, type).map((path): MemoryFile => ({ type, name: basename(path), data: readFileSync(path) })),
  );
  return [{ type: 'config', name: 'config', data: readFileSync(`${location}/config`) }, ...files];
}

/**
 * A repository in memory that nobody can write to, so that no lock is taken: thousands of them can be made and read in
 * the time in which a folder is copied. Worker threads cannot open it.
 */
export class MemoryStorage implements Storage {
  readonly location = 'memory';
  readonly description = { location: 'memory' };
  readonly readOnly = true;
  readonly #files: Map<string, MemoryFile>;

  constructor(files: readonly MemoryFile[]) {
    this.#files = new Map(files.map((file) => [`${file.type}/${file.name}`, file]));
  }

  /** The same with other bytes in one file; null takes it away. */
  with({ type, name }: MemoryFile, data: Buffer | null): MemoryStorage {
    const others = [...this.#files.values()].filter((file) => file.type !== type || file.name !== name);
    return new MemoryStorage(data === null ? others : [...others, { type, name, data }]);
  }

  async put(): Promise<never> {
    throw readOnly();
  }

  async create(): Promise<never> {
    throw readOnly();
  }

  async delete(): Promise<never> {
    throw readOnly();
  }

  async get(type: FileType, name: string, range?: ByteRange): Promise<Buffer> {
    const file = this.#files.get(`${type}/${name}`);
    if (file === undefined) throw new PlatformError('STORAGE_FILE_MISSING', `${type}/${name} is missing`);
    const { offset, length } = range ?? { offset: 0, length: file.data.length };
    if (offset + length <= file.data.length) return Buffer.from(file.data.subarray(offset, offset + length));
    throw new PlatformError('FILE_DAMAGED', `${type}/${name} ends before byte ${offset + length}`);
  }

  async stat(type: FileType, name: string): Promise<StoredFile | null> {
    const file = this.#files.get(`${type}/${name}`);
    return file === undefined ? null : { name, size: file.data.length };
  }

  async *list(type: FileType): AsyncIterable<StoredFile> {
    for (const file of this.#files.values()) {
      const isListed = file.type === type && (type === 'config' || isStoredName(file.name));
      if (isListed) yield { name: file.name, size: file.data.length };
    }
  }
}

function readOnly(): PlatformError {
  return new PlatformError('STORAGE_READ_ONLY', 'a repository in memory is not written to');
}
