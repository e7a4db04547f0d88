import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/open-file.ts';
import { throwIfStopped } from '../worker/serve-requests.ts';
import type { ContentReader } from './content-reader.ts';
import type { ExpectedContent } from './restore-messages.ts';

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file and returns why it differs from the blobs it ought to consist of, as the rest of a sentence, or null when
 * each byte is right. `onBytes` is told of what was compared.
 */
export function compareContent(
  reader: ContentReader,
  path: Buffer,
  { file, content, lengths }: ExpectedContent,
  onBytes: (bytes: number) => void,
): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, openFlags);
  } catch (error) {
    return `it cannot be opened: ${reasonOf(error)}`;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return 'it is not a regular file';
    if (stat.size !== file.size) return `it has ${stat.size} bytes, expected are ${file.size}`;
    let position = 0;
    for (const [at, id] of content.entries()) {
      throwIfStopped();
      const length = lengths[at] ?? 0;
      if (!reader.matches(descriptor, position, length, id, stat.size)) {
        return `its content differs between byte ${position} and byte ${position + length}`;
      }
      position += length;
      onBytes(length);
    }
    return null;
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    return `it cannot be read: ${reasonOf(error)}`;
  } finally {
    closeSync(descriptor);
  }
}
