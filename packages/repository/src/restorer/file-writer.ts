import { closeSync, constants, ftruncateSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { displayPath } from '../skipped-items.ts';
import { applyMetadata, type MetadataFault } from './apply-metadata.ts';
import type { PlannedFile } from './restore-plan.ts';
import { isOnlyName, targetError, type TargetFolders } from './target-folders.ts';
import { temporaryName } from './temporary-name.ts';

const openFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const zeros = Buffer.alloc(64 * 1024);

/** Writes files of a restore under temporary names, and gives them their own when they are whole. */
export class FileWriter {
  readonly #folders: TargetFolders;
  readonly #operation: string;
  readonly #remaining: Int32Array;
  /** Files that blobs of the pack in work are written to. */
  readonly #open = new Map<number, number>();

  /** `remaining` counts, for each file of the plan, the blobs that are still to be written, across all threads. */
  constructor(folders: TargetFolders, operation: string, remaining: Int32Array) {
    this.#folders = folders;
    this.#operation = operation;
    this.#remaining = remaining;
  }

  /** Writes a blob at its place. Returns the faults of the metadata when this was the last one and the file is whole now, else null. */
  write(file: PlannedFile, offset: number, plaintext: Buffer): MetadataFault[] | null {
    try {
      const descriptor = this.#openFile(file);
      // Zeros are left as a hole: the file is new, and gets its length at the end.
      if (!isZero(plaintext)) writeFully(descriptor, plaintext, offset);
    } catch (error) {
      throw targetError(error, file.name);
    }
    return Atomics.sub(this.#remaining, file.number, 1) === 1 ? this.finish(file) : null;
  }

  /** Gives a file that has all its content its length, its metadata and its name. */
  finish(file: PlannedFile): MetadataFault[] {
    try {
      const descriptor = this.#openFile(file);
      ftruncateSync(descriptor, file.size);
      this.#closeFile(file.number);
      const temporary = this.#folders.place(file.folder, temporaryName(this.#operation, file.name));
      const faults = applyMetadata(temporary, file.metadata, 'other');
      renameSync(temporary, this.#folders.place(file.folder, file.name));
      return faults;
    } catch (error) {
      throw targetError(error, file.name);
    }
  }

  /** Closes the files of a pack. */
  closeFiles(): void {
    for (const number of [...this.#open.keys()]) this.#closeFile(number);
  }

  #openFile(file: PlannedFile): number {
    const known = this.#open.get(file.number);
    if (known !== undefined) return known;
    if (this.#open.size >= 128) this.closeFiles();
    const path = this.#folders.place(file.folder, temporaryName(this.#operation, file.name));
    const descriptor = openSync(path, openFlags, 0o600);
    if (!isOnlyName(descriptor)) {
      closeSync(descriptor);
      unlinkSync(path);
      throw new PlatformError(
        'TARGET_IS_LINK',
        `${displayPath(path)} was another name of some file, planted in the target`,
      );
    }
    this.#open.set(file.number, descriptor);
    return descriptor;
  }

  #closeFile(number: number): void {
    const descriptor = this.#open.get(number);
    if (descriptor !== undefined) closeSync(descriptor);
    this.#open.delete(number);
  }
}

function writeFully(descriptor: number, data: Buffer, offset: number): void {
  for (let written = 0; written < data.byteLength;) {
    written += writeSync(descriptor, data, written, data.byteLength - written, offset + written);
  }
}

function isZero(data: Buffer): boolean {
  if (data[0] !== 0) return false;
  for (let at = 0; at < data.byteLength; at += zeros.byteLength) {
    const part = data.subarray(at, at + zeros.byteLength);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}
