import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemErrorCode } from './system-error-code.ts';

/**
 * The absolute path with every link in it resolved. What does not exist yet is kept as it is named, below the nearest
 * folder that exists. Throws what the operating system says when a part of the path may not be entered.
 */
export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    const parent = dirname(absolute);
    if (systemErrorCode(error) !== 'ENOENT' || parent === absolute) throw error;
    return join(await realPath(parent), basename(absolute));
  }
}
