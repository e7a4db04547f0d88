import { PlatformError } from '@enterprise-backup/contracts/errors';
import { writeFile } from 'node:fs/promises';
import { systemErrorCode } from './system-error-code.ts';

/** Writes a file that must not exist yet. Throws FILE_EXISTS, FILE_NOT_WRITABLE. */
export async function createFile(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
      throw new PlatformError('FILE_EXISTS', `the file ${path} exists already`, { cause: error });
    }
    throw new PlatformError('FILE_NOT_WRITABLE', `the file ${path} cannot be written (${systemErrorCode(error)})`, {
      cause: error,
    });
  }
}
