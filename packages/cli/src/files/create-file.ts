import { PlatformError } from '@enterprise-backup/contracts/errors';
import { writeFile } from 'node:fs/promises';
import { systemErrorCode } from './system-error-code.ts';

/** Writes a file that must not exist yet. Throws FILE_EXISTS, FILE_NOT_WRITABLE. */
export function createFile(path: string, content: string): Promise<void> {
  return create(path, content, 0o666);
}

/** As `createFile`, for the owner's eyes alone. */
export function createSecretFile(path: string, content: string): Promise<void> {
  return create(path, content, 0o600);
}

async function create(path: string, content: string, mode: number): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode });
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      throw new PlatformError('FILE_EXISTS', `the file ${path} exists already`, { cause: error });
    }
    throw new PlatformError('FILE_NOT_WRITABLE', `the file ${path} cannot be written (${systemErrorCode(error)})`, {
      cause: error,
    });
  }
}
