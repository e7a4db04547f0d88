import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ErrorCode } from '@enterprise-backup/contracts/error-registry';
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { containsPath, pathsOverlap } from '../files/contains-path.ts';
import { realPath } from '../files/real-path.ts';
import { systemErrorCode } from '../files/system-error-code.ts';
import { checkoutFolder, dataFolderName } from '../platform/checkout.ts';
import type { StartOptions } from './start-options.ts';

/** The folders that a start works with: absolute, links resolved. */
export interface StartPlaces {
  readonly data: string;
  /** The folder to protect. */
  readonly source: string;
  /** Whether the folder is the person's own, which is never written to, or the working copy, which is changed. */
  readonly sourceIsOwn: boolean;
  /** Folder in which each run recovers into a fresh folder. */
  readonly recovered: string;
  /** Whether that folder is the person's own, in which nothing is ever removed. */
  readonly recoveredIsOwn: boolean;
}

/** Name of the working copy in the data folder. */
const workingCopyName = 'working-copy';
/** Name of the folder for recoveries in the data folder. */
const recoveredName = 'recovered';

/**
 * Finds the folders that the options mean and refuses what cannot work before anything is started or written. Throws
 * SOURCE_MISSING, SOURCE_UNREADABLE, SOURCE_EMPTY, DATA_INSIDE_SOURCE, TARGET_INSIDE_SOURCE, TARGET_INSIDE_REPOSITORY,
 * TARGET_NOT_WRITABLE, FILE_NOT_WRITABLE.
 */
export async function findPlaces(options: StartOptions): Promise<StartPlaces> {
  const data = await resolveFolder(
    options.data ?? join(checkoutFolder, dataFolderName),
    'FILE_NOT_WRITABLE',
    'data folder',
  );
  await assertWritable(data, 'FILE_NOT_WRITABLE', 'data folder');
  const places = {
    data,
    source: options.source === undefined ? join(data, workingCopyName) : await findSource(options.source),
    sourceIsOwn: options.source !== undefined,
    recovered:
      options.target === undefined
        ? join(data, recoveredName)
        : await resolveFolder(options.target, 'TARGET_NOT_WRITABLE', 'target'),
    recoveredIsOwn: options.target !== undefined,
  };
  assertApart(places);
  await assertWritable(places.recovered, 'TARGET_NOT_WRITABLE', 'target');
  return places;
}

async function findSource(path: string): Promise<string> {
  const source = await resolveFolder(path, 'SOURCE_UNREADABLE', 'source');
  let names: string[];
  try {
    names = await readdir(source);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT')
      throw new PlatformError('SOURCE_MISSING', `the source ${path} does not exist`, { cause: error });
    if (code === 'ENOTDIR')
      throw new PlatformError('SOURCE_MISSING', `the source ${path} is not a folder`, { cause: error });
    throw new PlatformError('SOURCE_UNREADABLE', `the source ${path} cannot be read (${code})`, { cause: error });
  }
  if (names.length === 0) throw new PlatformError('SOURCE_EMPTY', `the source ${path} holds nothing`);
  return source;
}

function assertApart({ data, source, sourceIsOwn, recovered }: StartPlaces): void {
  if (sourceIsOwn && pathsOverlap(source, data)) {
    throw new PlatformError('DATA_INSIDE_SOURCE', `the source ${source} and the data folder ${data} overlap`);
  }
  if (pathsOverlap(source, recovered)) {
    throw new PlatformError('TARGET_INSIDE_SOURCE', `the source ${source} and the target ${recovered} overlap`);
  }
  const repository = join(data, 'repository');
  if (containsPath(repository, recovered)) {
    throw new PlatformError('TARGET_INSIDE_REPOSITORY', `the target ${recovered} lies in the repository ${repository}`);
  }
}

async function resolveFolder(path: string, code: ErrorCode, what: string): Promise<string> {
  try {
    return await realPath(path);
  } catch (error) {
    throw new PlatformError(code, `the ${what} ${path} cannot be reached (${systemErrorCode(error)})`, {
      cause: error,
    });
  }
}

/** The folder, or where it does not exist yet the nearest one above it, must be a folder that may be written to. */
async function assertWritable(path: string, code: ErrorCode, what: string): Promise<void> {
  let nearest = path;
  for (;;) {
    try {
      const isFolder = (await stat(nearest)).isDirectory();
      if (!isFolder) throw new PlatformError(code, `the ${what} ${path} cannot be made: ${nearest} is not a folder`);
      await access(nearest, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      const reason = systemErrorCode(error);
      if (reason !== 'ENOENT' || nearest === dirname(nearest)) {
        throw new PlatformError(code, `the ${what} ${path} cannot be written to (${reason})`, { cause: error });
      }
      nearest = dirname(nearest);
    }
  }
}
