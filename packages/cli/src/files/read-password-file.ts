import { PlatformError } from '@enterprise-backup/contracts/errors';
import { readFile } from 'node:fs/promises';
import { systemErrorCode } from './system-error-code.ts';

/** White space as Go's strings.TrimSpace sees it, and a byte order mark: restic leaves both out of a password file. */
const around = /^[\s\u0085]+|[\s\u0085]+$/gu;

/**
 * The password in a file, without white space around it, as restic reads it, so that one file serves both. Throws
 * PASSWORD_MISSING when no file is named, or it cannot be read, or holds nothing.
 */
export async function readPasswordFile(path: string | undefined): Promise<string> {
  if (path === undefined) throw new PlatformError('PASSWORD_MISSING', 'no password was given');
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new PlatformError(
      'PASSWORD_MISSING',
      `the password file ${path} cannot be read (${systemErrorCode(error)})`,
      {
        cause: error,
      },
    );
  }
  const password = content.replace(around, '');
  if (password === '') throw new PlatformError('PASSWORD_MISSING', `the password file ${path} is empty`);
  return password;
}
