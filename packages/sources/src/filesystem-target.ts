import { constants, type Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { absolutePath } from '@enterprise-backup/contracts/systems';
import { checkEffectiveAccess } from '@enterprise-backup/repository/posix/effective-access';
import { hasPosixCode } from '@enterprise-backup/repository/posix/posix-error';
import { isWithin, repositoryFolder } from './real-location.ts';
import type { CheckedTarget, Target, TargetSurroundings } from './target.ts';

/**
 * A folder on this machine, which is created when it is missing. The way to it may lead through symbolic links; the
 * folder itself must not be one, since whoever may replace it would choose where the recovery goes.
 */
export class FilesystemTarget implements Target {
  readonly #path: string;

  constructor({ path }: { readonly path: string }) {
    this.#path = path;
  }

  async check({ sourceFolder, repositoryLocation, resuming }: TargetSurroundings): Promise<CheckedTarget> {
    const path = this.#path;
    if (!absolutePath.safeParse(path).success) {
      throw new PlatformError(
        'TARGET_PATH_INVALID',
        `the target must be an absolute path without \`..\`, and is ${JSON.stringify(path)}`,
      );
    }
    try {
      const checked = await this.#find();
      await this.#refuseSource(checked, sourceFolder, resuming);
      await this.#refuseRepository(checked.folder, repositoryLocation);
      return checked;
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      throw this.#refusal(reasonOf(error, path), error);
    }
  }

  async #find(): Promise<CheckedTarget> {
    const found = await lstatIfPresent(this.#path);
    if (found?.isSymbolicLink() === true) {
      throw new PlatformError('TARGET_IS_LINK', `the target ${this.#path} is a symbolic link`);
    }
    if (found !== null) {
      if (!found.isDirectory()) throw this.#refusal('is not a folder');
      checkEffectiveAccess(Buffer.from(this.#path), constants.W_OK | constants.X_OK);
      return { folder: await realpath(this.#path), exists: true };
    }
    const parent = dirname(this.#path);
    checkEffectiveAccess(Buffer.from(parent), constants.W_OK | constants.X_OK);
    return { folder: join(await realpath(parent), basename(this.#path)), exists: false };
  }

  async #refuseSource({ folder, exists }: CheckedTarget, sourceFolder: string, resuming: boolean): Promise<void> {
    const refuse = (relation: string): PlatformError =>
      new PlatformError('TARGET_INSIDE_SOURCE', `the target ${this.#path} ${relation}`);
    const source = await existingLocation(sourceFolder);
    if (source === null) return;
    if (source === folder) {
      if (exists && !resuming && (await readdir(folder)).length > 0)
        throw refuse('is the source itself, and something is in it');
      return;
    }
    if (isWithin(folder, source)) throw refuse(`lies inside the source ${sourceFolder}`);
    if (isWithin(source, folder)) throw refuse(`contains the source ${sourceFolder}`);
  }

  async #refuseRepository(folder: string, location: string): Promise<void> {
    const repository = await repositoryFolder(location);
    if (repository !== null && isWithin(folder, repository)) {
      throw new PlatformError(
        'TARGET_INSIDE_REPOSITORY',
        `the target ${this.#path} lies inside the repository ${location}`,
      );
    }
  }

  #refusal(reason: string, cause?: unknown): PlatformError {
    return new PlatformError('TARGET_NOT_WRITABLE', `the target ${this.#path} ${reason}`, { cause });
  }
}

/** Null when the path leads nowhere on this machine, or nowhere that this user may look. */
async function existingLocation(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    return null;
  }
}

async function lstatIfPresent(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function reasonOf(error: unknown, path: string): string {
  if (hasPosixCode(error, 'ENOENT')) return `cannot be created, since ${dirname(path)} does not exist`;
  if (hasPosixCode(error, 'ENOTDIR')) return 'lies below something that is not a folder';
  return `cannot be written: ${error instanceof Error ? error.message : String(error)}`;
}
