import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId } from '../format/blob.ts';
import { encodeNode } from '../format/tree.ts';
import { differs, statPath, type FileStat } from '../posix/file-stat.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { describeNode } from './describe-node.ts';
import { findAttributes } from './file-attributes.ts';
import type { FileNotice, FileRequest, FileResponse, LargeFile, ReadFile, UnreadFile } from './file-messages.ts';
import { readAttempts } from './file-reader.ts';
import { unread } from './open-file.ts';

/** From this size on, in bytes, a file is read part by part by all threads. */
export const largeFileSize = 32 * 1024 * 1024;

/**
 * Has a large file read and stored, as a thread does with a smaller one by itself. A file that cannot be read is an
 * outcome; only failures of the storage are thrown.
 */
export async function backUpLargeFile(
  files: WorkerPool<FileRequest, FileResponse, FileNotice>,
  path: Buffer,
  name: Buffer,
): Promise<ReadFile | UnreadFile> {
  const latin1 = path.toString('latin1');
  for (let attempt = 1; ; attempt += 1) {
    const stat = look(latin1);
    if ('kind' in stat) return stat;
    const file = { path: latin1, inode: stat.inode, size: stat.size };
    const content = await readContent(files, file);
    if ('kind' in content && (content.code !== 'FILE_CHANGED' || attempt === readAttempts)) return content;
    const after = look(latin1);
    if ('kind' in after) return after;
    const changedWhileRead = 'kind' in content || differs(stat, after) || stat.inode !== after.inode;
    if ('kind' in content || (changedWhileRead && attempt < readAttempts)) continue;
    const { extendedAttributes, attributeFault } = findAttributes(path);
    const node = encodeNode(describeNode(name, 'file', after, { extendedAttributes, content, size: stat.size }));
    return { kind: 'read', node, attributeFault, size: stat.size, changedWhileRead };
  }
}

function look(path: string): FileStat | UnreadFile {
  try {
    return statPath(path);
  } catch (error) {
    return unread(error);
  }
}

/**
 * The ids of the file's chunks in order. A part is cut before the one ahead of it is handed over to be stored: no thread is to
 * wait for the one that cuts.
 */
async function readContent(
  files: WorkerPool<FileRequest, FileResponse, FileNotice>,
  file: LargeFile,
): Promise<readonly BlobId[] | UnreadFile> {
  const stored: Promise<readonly BlobId[] | UnreadFile>[] = [];
  const cutFrom = async (offset: number) => {
    await files.capacity();
    return files.run({ kind: 'cut', file, offset });
  };
  let next = cutFrom(0);
  for (let offset = 0; offset < file.size;) {
    const cut = await next;
    if (cut.kind === 'unread') return cut;
    if (cut.kind !== 'cut') throw unexpected(cut);
    offset = cut.end;
    if (offset < file.size) {
      next = cutFrom(offset);
      // A failure surfaces above, later than Node would report it as unhandled.
      next.catch(() => undefined);
    }
    for (const part of cut.parts) {
      if (part.kind === 'repeated') {
        stored.push(Promise.resolve(Array.from({ length: part.count }, () => part.id)));
        continue;
      }
      await files.capacity();
      const answer = files.run({ kind: 'store', file, run: part }).then((response) => {
        if (response.kind === 'store') return response.ids;
        if (response.kind === 'unread') return response;
        throw unexpected(response);
      });
      // As above.
      answer.catch(() => undefined);
      stored.push(answer);
    }
  }
  const content: BlobId[] = [];
  for (const part of await Promise.all(stored)) {
    if ('kind' in part) return part;
    for (const id of part) content.push(id);
  }
  return content;
}

/** The error of a thread that answers another question. */
export function unexpected(response: FileResponse): PlatformError {
  return new PlatformError('INTERNAL', `a thread gave an answer of the kind ${response.kind}`);
}
