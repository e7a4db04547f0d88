import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/open-file.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { displayPath } from '../display-path.ts';

const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const foldersKept = 64;
const separator = Buffer.from('/');
const ownFiles = '/proc/self/fd';
/** Linux lets a path start at an open folder, so that nobody can swap a folder on the way for a link. */
const anchored = existsSync(ownFiles);

interface OpenFolder {
  readonly descriptor: number;
  /** Path that leads to this very folder, whatever is renamed or planted meanwhile. */
  readonly anchor: Buffer;
}

/**
 * Folders below the target, opened component by component without following a link: nothing is ever written outside
 * the target. Where the system has no /proc, each component is looked at before use instead, which a person who plants
 * links at the right moment could pass; agents run on Linux.
 */
export class TargetFolders {
  readonly #target: Buffer;
  readonly #open = new Map<string, OpenFolder>();

  /** `target` is an absolute path whose parents are trusted. */
  constructor(target: Buffer) {
    this.#target = target;
  }

  /** A path for `name` in a folder, given by its path relative to the target. Valid until the next call. */
  place(folder: Uint8Array, name: Uint8Array): Buffer {
    return Buffer.concat([this.#enter(folder).anchor, separator, name]);
  }

  /** Descriptor of a folder, which stays this class's own. Valid until the next call. */
  descriptor(folder: Uint8Array): number {
    return this.#enter(folder).descriptor;
  }

  /** Makes a folder, whose parent is there, if it is not there yet. Returns whether it made it. */
  make(parent: Uint8Array, name: Uint8Array): boolean {
    const place = this.place(parent, name);
    try {
      mkdirSync(place, 0o700);
      return true;
    } catch (error) {
      if (!hasPosixCode(error, 'EEXIST')) throw targetError(error, place);
      return false;
    }
  }

  /** Closes everything that is open. */
  close(): void {
    for (const { descriptor } of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #enter(folder: Uint8Array): OpenFolder {
    const path = Buffer.from(folder.buffer, folder.byteOffset, folder.byteLength);
    const key = path.toString('latin1');
    const known = this.#open.get(key);
    if (known !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    let place = this.#target;
    if (path.byteLength > 0) {
      const cut = path.lastIndexOf(0x2f);
      const parent = this.#enter(path.subarray(0, Math.max(cut, 0)));
      place = Buffer.concat([parent.anchor, separator, path.subarray(cut + 1)]);
    }
    const opened = openFolder(place, Buffer.concat([this.#target, separator, path]));
    this.#open.set(key, opened);
    if (this.#open.size > foldersKept) this.#closeOldest();
    return opened;
  }

  #closeOldest(): void {
    for (const [key, { descriptor }] of this.#open) {
      closeSync(descriptor);
      this.#open.delete(key);
      return;
    }
  }
}

function openFolder(place: Buffer, shown: Buffer): OpenFolder {
  let descriptor: number;
  try {
    descriptor = openSync(place, openFlags);
  } catch (error) {
    if (isLink(place)) {
      throw new PlatformError('TARGET_IS_LINK', `${displayPath(shown)} is a link where the point has a folder`, {
        cause: error,
      });
    }
    throw targetError(error, shown);
  }
  return { descriptor, anchor: anchored ? Buffer.from(`${ownFiles}/${descriptor}`) : place };
}

function isLink(path: Buffer): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Gives a file system's error on the target the code and the sentence that a person can act on. */
export function targetError(error: unknown, path: Uint8Array): PlatformError {
  if (error instanceof PlatformError) return error;
  const shown = displayPath(Buffer.from(path));
  if (hasPosixCode(error, 'ENOSPC', 'EDQUOT')) {
    return new PlatformError('DISK_FULL', `no space is left to write ${shown}`, { cause: error });
  }
  return new PlatformError('TARGET_NOT_WRITABLE', `${shown} cannot be written: ${reasonOf(error)}`, { cause: error });
}
