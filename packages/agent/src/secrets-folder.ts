import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Secrets } from './secrets.ts';

const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const rightsOfOthers = 0o077;

/**
 * Secrets as files of one folder: the secret's name is the file's name, the content is the value. A file that its group
 * or others may use in any way is refused.
 */
export function secretsFolder(folder: string): Secrets {
  return { read: (name) => readSecret(folder, name) };
}

async function readSecret(folder: string, name: string): Promise<string> {
  if (!fileName.test(name)) {
    throw new PlatformError('SECRET_MISSING', 'the name of the secret cannot be the name of a file');
  }
  const path = join(folder, name);
  const file = await openSecret(path);
  try {
    // The rights of the open file are what is judged, so that the file cannot be exchanged in between.
    const { mode } = await file.stat();
    if ((mode & rightsOfOthers) !== 0) {
      const rights = (mode & 0o777).toString(8).padStart(4, '0');
      throw new PlatformError(
        'SECRET_EXPOSED',
        `the secret file ${path} has mode ${rights}: others than its owner may use it`,
      );
    }
    const value = (await file.readFile('utf8')).replace(/\r?\n$/, '');
    if (value === '') throw new PlatformError('SECRET_MISSING', `the secret file ${path} is empty`);
    return value;
  } finally {
    await file.close();
  }
}

async function openSecret(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new PlatformError('SECRET_MISSING', `the secret file ${path} cannot be opened (${code})`, { cause: error });
  }
}
