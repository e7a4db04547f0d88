import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readFile } from 'node:fs/promises';
import { systemErrorCode } from './system-error-code.ts';

/** The content of a file that the person named, as UTF-8. Throws FILE_UNREADABLE. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PlatformError('FILE_UNREADABLE', `the file ${path} cannot be read (${systemErrorCode(error)})`, {
      cause: error,
    });
  }
}
