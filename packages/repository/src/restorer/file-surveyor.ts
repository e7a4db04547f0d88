import { closeSync, constants, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import type { BlobId } from '../format/blob.ts';
import { cloneFile } from '../posix/clone-file.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ContentReader } from './content-reader.ts';
import type { Survey, SurveyedFile } from './restore-messages.ts';
import type { TargetFileStates } from './target-file-states.ts';
import { targetError, type TargetFolders } from './target-folders.ts';
import { adoptTemporary, createTemporary, describeOpen, type OpenFile } from './temporary-file.ts';
import { temporaryName } from './temporary-name.ts';
import { isZero } from './zeros.ts';

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const writeFlags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** How surveys are made. */
export interface SurveyOptions {
  readonly inPlace: boolean;
  readonly collect: boolean;
}

/**
 * Finds out which parts of a file need not be fetched, because they stand in the target or in what an earlier attempt left,
 * and brings them together where the rest will be written.
 */
export class FileSurveyor {
  readonly #folders: TargetFolders;
  readonly #operation: string;
  readonly #states: TargetFileStates;
  readonly #reader: ContentReader;
  readonly #onBytes: (bytes: number) => void;

  constructor(
    folders: TargetFolders,
    operation: string,
    states: TargetFileStates,
    reader: ContentReader,
    onBytes: (bytes: number) => void,
  ) {
    this.#folders = folders;
    this.#operation = operation;
    this.#states = states;
    this.#reader = reader;
    this.#onBytes = onBytes;
  }

  /** Looks at a file. Throws TARGET_NOT_WRITABLE, TARGET_IS_LINK, DISK_FULL or CANCELLED. */
  survey(wanted: SurveyedFile, { inPlace, collect }: SurveyOptions): Survey {
    const { file } = wanted;
    const standing = wanted.standing ? this.#openStanding(wanted, inPlace && collect) : null;
    let temporary: OpenFile | null = null;
    try {
      const rightThere = standing === null ? null : this.#compare(wanted, standing.descriptor, standing.opened.size);
      if (standing !== null && standing.opened.size === file.size && rightThere?.every((right) => right) === true) {
        if (wanted.temporary && collect) this.#removeTemporary(wanted);
        return { file: file.number, same: true, wrong: [] };
      }
      if (standing?.writable === true && rightThere !== null) {
        if (wanted.temporary) this.#removeTemporary(wanted);
        this.#states.adopt(file.number, 'in place', standing.opened);
        return { file: file.number, same: false, wrong: wrongOnes(rightThere) };
      }
      if (wanted.temporary) temporary = this.#openTemporary(wanted, collect);
      const rightHere = temporary === null ? null : this.#compare(wanted, temporary.descriptor, temporary.size);
      const right = wanted.content.map((_id, at) => rightThere?.[at] === true || rightHere?.[at] === true);
      if (collect && right.includes(true)) {
        temporary ??= describeOpen(createTemporary(this.#temporaryPath(wanted)));
        if (standing !== null && rightThere !== null) {
          this.#bringOver(wanted, standing.descriptor, temporary, rightThere, rightHere);
        }
        this.#states.adopt(file.number, 'filled', temporary);
      } else if (collect && temporary !== null) {
        // Nothing in it is of use: a new one has holes where this one may have anything.
        this.#removeTemporary(wanted);
      }
      return { file: file.number, same: false, wrong: wrongOnes(right) };
    } catch (error) {
      throw targetError(error, file.name);
    } finally {
      if (standing !== null) closeSync(standing.descriptor);
      if (temporary !== null) closeSync(temporary.descriptor);
    }
  }

  #openStanding(
    { file }: SurveyedFile,
    forWriting: boolean,
  ): { readonly descriptor: number; readonly opened: OpenFile; readonly writable: boolean } | null {
    const path = this.#folders.place(file.folder, file.name);
    const opened = (forWriting ? openIfPossible(path, writeFlags) : null) ?? openIfPossible(path, readFlags);
    if (opened === null) return null;
    const stat = fstatSync(opened.descriptor);
    if (!stat.isFile()) {
      closeSync(opened.descriptor);
      return null;
    }
    // A further name of the file may lie outside of the target: what is written under one stands under the other.
    const writable = forWriting && opened.flags === writeFlags && stat.nlink === 1;
    return { descriptor: opened.descriptor, opened: describeOpen(opened.descriptor), writable };
  }

  #openTemporary(wanted: SurveyedFile, collect: boolean): OpenFile | null {
    const path = this.#temporaryPath(wanted);
    if (collect) return adoptTemporary(path);
    const opened = openIfPossible(path, readFlags);
    if (opened === null) return null;
    if (fstatSync(opened.descriptor).isFile()) return describeOpen(opened.descriptor);
    closeSync(opened.descriptor);
    return null;
  }

  #compare({ content, lengths }: SurveyedFile, descriptor: number, size: number): boolean[] {
    let position = 0;
    return content.map((id, at) => {
      throwIfStopped();
      const length = lengths[at] ?? 0;
      const right = this.#matches(descriptor, position, length, id, size);
      position += length;
      this.#onBytes(length);
      return right;
    });
  }

  /** A part that cannot be read is not right: it is fetched, as if it were not there. */
  #matches(descriptor: number, position: number, length: number, id: BlobId, size: number): boolean {
    try {
      return this.#reader.matches(descriptor, position, length, id, size);
    } catch {
      return false;
    }
  }

  /** Brings what is right in the standing file, and not yet in the temporary one, there. What is compared once is compared again at the end. */
  #bringOver(
    { content, lengths }: SurveyedFile,
    standing: number,
    temporary: OpenFile,
    rightThere: readonly boolean[],
    rightHere: readonly boolean[] | null,
  ): void {
    if (rightHere === null && cloneFile(standing, temporary.descriptor)) return;
    let position = 0;
    for (const at of content.keys()) {
      const length = lengths[at] ?? 0;
      if (rightThere[at] === true && rightHere?.[at] !== true) {
        throwIfStopped();
        const part = this.#reader.read(standing, position, length);
        // Zeros in a file that is new are there already.
        if (part !== null && !(rightHere === null && isZero(part))) {
          for (let written = 0; written < length;) {
            written += writeSync(temporary.descriptor, part, written, length - written, position + written);
          }
        }
      }
      position += length;
    }
  }

  #removeTemporary(wanted: SurveyedFile): void {
    rmSync(this.#temporaryPath(wanted), { force: true });
  }

  #temporaryPath({ file }: SurveyedFile): Buffer {
    return this.#folders.place(file.folder, temporaryName(this.#operation, file.name));
  }
}

function openIfPossible(path: Buffer, flags: number): { readonly descriptor: number; readonly flags: number } | null {
  try {
    return { descriptor: openSync(path, flags), flags };
  } catch (error) {
    // Gone, a link, or not for this user: then it is written as a whole, or that fails with its reason.
    if (hasPosixCode(error, 'ENOENT', 'ELOOP', 'EACCES', 'EPERM', 'ETXTBSY', 'EISDIR', 'ENXIO', 'EROFS')) return null;
    throw error;
  }
}

function wrongOnes(right: readonly boolean[]): number[] {
  return [...right.keys()].filter((at) => right[at] !== true);
}
