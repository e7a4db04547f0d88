import { constants } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { absolutePath } from '@enterprise-backup/contracts/systems';
import { checkEffectiveAccess } from '@enterprise-backup/repository/posix/effective-access';
import { hasPosixCode } from '@enterprise-backup/repository/posix/posix-error';
import { isWithin, repositoryFolder } from './real-location.ts';
import type { CheckedSource, Source } from './source.ts';

/** A folder on this machine. The path may lead through symbolic links, and be one. */
export class FilesystemSource implements Source {
  readonly #path: string;

  constructor({ path }: { readonly path: string }) {
    this.#path = path;
  }

  async check(repositoryLocation: string): Promise<CheckedSource> {
    const path = this.#path;
    if (!absolutePath.safeParse(path).success) {
      throw new PlatformError(
        'REQUEST_INVALID',
        `the source must be an absolute path without \`..\`, and is ${JSON.stringify(path)}`,
      );
    }
    try {
      if (!(await stat(path)).isDirectory())
        throw new PlatformError('SOURCE_MISSING', `the source ${path} is not a folder`);
      checkEffectiveAccess(Buffer.from(path), constants.R_OK | constants.X_OK);
      // A folder can be permitted and yet fail to be read: a stale network mount, a broken disk, a security module.
      await (await opendir(path)).close();
    } catch (error) {
      throw sourceError(error, path);
    }
    const folder = await realpath(path);
    await this.#refuseRepository(folder, repositoryLocation);
    return { folder };
  }

  /** A backup that reads the packs it writes grows with every run; one that lies in a repository is part of it. */
  async #refuseRepository(folder: string, location: string): Promise<void> {
    const repository = await repositoryFolder(location);
    if (repository === null) return;
    if (isWithin(repository, folder)) {
      throw new PlatformError(
        'REPOSITORY_INSIDE_SOURCE',
        `the repository ${location} lies inside the source ${this.#path}`,
      );
    }
    if (isWithin(folder, repository)) {
      throw new PlatformError(
        'REPOSITORY_INSIDE_SOURCE',
        `the source ${this.#path} lies inside the repository ${location}`,
      );
    }
  }
}

function sourceError(error: unknown, path: string): PlatformError {
  if (error instanceof PlatformError) return error;
  if (hasPosixCode(error, 'ENOENT')) {
    return new PlatformError('SOURCE_MISSING', `the source ${path} does not exist`, { cause: error });
  }
  if (hasPosixCode(error, 'ENOTDIR')) {
    return new PlatformError('SOURCE_MISSING', `the source ${path} is not a folder`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new PlatformError('SOURCE_UNREADABLE', `the source ${path} cannot be read: ${reason}`, { cause: error });
}
