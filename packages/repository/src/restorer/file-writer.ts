import { closeSync, ftruncateSync, renameSync, writeSync } from 'node:fs';
import { largestWrite } from '../posix/largest-write.ts';
import { punchHole } from '../posix/holes.ts';
import { startWriteback } from '../posix/start-writeback.ts';
import { applyMetadata, type MetadataFault } from './apply-metadata.ts';
import type { ContentReader } from './content-reader.ts';
import type { TargetFile } from './restore-plan.ts';
import type { TargetFileStates } from './target-file-states.ts';
import { targetError, type TargetFolders } from './target-folders.ts';
import { createTemporary, describeOpen, openKnown, type OpenFile } from './temporary-file.ts';
import { temporaryName } from './temporary-name.ts';
import { isZero } from './zeros.ts';

const filesKeptOpen = 128;
/** Bytes from which on the disk begins to write while there is still something to restore: the wait at the end is shorter by that. */
const worthWriteback = 256 * 1024;

/**
 * Writes files of a restore under temporary names, and gives them their own when they are whole; or, where the states say
 * so, straight into the file that stands in the target.
 *
 * What is written to a new file is read back at once and compared. A file that does not hold what was written to it is
 * never finished.
 */
export class FileWriter {
  readonly #folders: TargetFolders;
  readonly #operation: string;
  readonly #states: TargetFileStates;
  readonly #reader: ContentReader;
  readonly #onDifference: (file: TargetFile, reason: string) => void;
  /** Files that blobs of the pack in work are written to. */
  readonly #open = new Map<number, OpenFile>();

  /** `onDifference` is told of a file that does not hold what was written, and where, as the rest of a sentence. */
  constructor(
    folders: TargetFolders,
    operation: string,
    states: TargetFileStates,
    reader: ContentReader,
    onDifference: (file: TargetFile, reason: string) => void,
  ) {
    this.#folders = folders;
    this.#operation = operation;
    this.#states = states;
    this.#reader = reader;
    this.#onDifference = onDifference;
  }

  /**
   * Writes a blob at its place. Returns the faults of the metadata when this was the last one and the file is whole now,
   * else null. Throws TARGET_NOT_WRITABLE, TARGET_IS_LINK or DISK_FULL.
   */
  write(file: TargetFile, offset: number, plaintext: Buffer): MetadataFault[] | null {
    const isWhole = offset === 0 && plaintext.byteLength === file.size && this.#states.claimWhole(file.number);
    return isWhole ? this.#writeWhole(file, plaintext) : this.#writePart(file, offset, plaintext);
  }

  /** A file of one blob, as most are: no other thread has to do with it. */
  #writeWhole(file: TargetFile, plaintext: Buffer): MetadataFault[] | null {
    try {
      const temporary = this.#folders.place(file.folder, temporaryName(this.#operation, file.name));
      const descriptor = createTemporary(temporary);
      try {
        if (isZero(plaintext)) ftruncateSync(descriptor, file.size);
        else if (!this.#writeVerified(descriptor, file, 0, plaintext)) return null;
        const faults = applyMetadata(descriptor, file.metadata, 'other');
        renameSync(temporary, this.#folders.place(file.folder, file.name));
        return faults;
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw targetError(error, file.name);
    }
  }

  #writePart(file: TargetFile, offset: number, plaintext: Buffer): MetadataFault[] | null {
    try {
      const { descriptor, size } = this.#openFile(file);
      if (!isZero(plaintext)) {
        if (!this.#writeVerified(descriptor, file, offset, plaintext)) return null;
      } else if (offset < size) writeZeros(descriptor, plaintext, offset);
      // Otherwise the zeros lie behind the end of what was there: they are left as a hole, and the length is set at the end.
    } catch (error) {
      throw targetError(error, file.name);
    }
    return this.#states.countBlob(file.number) ? this.finish(file) : null;
  }

  /** Returns whether the file holds the bytes now. Files that held something before are read as a whole at the end. */
  #writeVerified(descriptor: number, file: TargetFile, offset: number, data: Buffer): boolean {
    writeFully(descriptor, data, offset);
    if (data.byteLength >= worthWriteback) startWriteback(descriptor, offset, data.byteLength);
    if (this.#states.modeOf(file.number) !== 'new') return true;
    const written = this.#reader.read(descriptor, offset, data.byteLength);
    if (written !== null && data.equals(written)) return true;
    this.#onDifference(file, `it does not hold what was written from byte ${offset} on`);
    return false;
  }

  /** Gives a file that has all its content its length, its metadata and its name. */
  finish(file: TargetFile): MetadataFault[] {
    try {
      const { descriptor } = this.#openFile(file);
      ftruncateSync(descriptor, file.size);
      const faults = applyMetadata(descriptor, file.metadata, 'other');
      this.#closeFile(file.number);
      if (this.#states.modeOf(file.number) !== 'in place') {
        const temporary = this.#folders.place(file.folder, temporaryName(this.#operation, file.name));
        renameSync(temporary, this.#folders.place(file.folder, file.name));
      }
      return faults;
    } catch (error) {
      throw targetError(error, file.name);
    }
  }

  /** Closes the files of a pack. */
  closeFiles(): void {
    for (const number of [...this.#open.keys()]) this.#closeFile(number);
  }

  #openFile(file: TargetFile): OpenFile {
    const known = this.#open.get(file.number);
    if (known !== undefined) return known;
    if (this.#open.size >= filesKeptOpen) this.closeFiles();
    const inPlace = this.#states.modeOf(file.number) === 'in place';
    const path = this.#folders.place(file.folder, inPlace ? file.name : temporaryName(this.#operation, file.name));
    const made: OpenFile[] = [];
    const identity = this.#states.identify(file.number, () => {
      const created = describeOpen(createTemporary(path));
      made.push(created);
      return created;
    });
    const opened = made[0] ?? openKnown(path, identity);
    // In a new file, what is not written is zeros, however long it has become by now.
    const isNew = this.#states.modeOf(file.number) === 'new';
    const described = isNew ? { ...opened, size: 0 } : opened;
    this.#open.set(file.number, described);
    return described;
  }

  #closeFile(number: number): void {
    const opened = this.#open.get(number);
    if (opened !== undefined) closeSync(opened.descriptor);
    this.#open.delete(number);
  }
}

function writeZeros(descriptor: number, zeros: Buffer, offset: number): void {
  if (!punchHole(descriptor, offset, zeros.byteLength)) writeFully(descriptor, zeros, offset);
}

function writeFully(descriptor: number, data: Buffer, offset: number): void {
  for (let written = 0; written < data.byteLength;) {
    const length = Math.min(data.byteLength - written, largestWrite);
    written += writeSync(descriptor, data, written, length, offset + written);
  }
}
