import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import { constants } from 'node:fs';
import { chmod, copyFile, lutimes, mkdir, readlink, rename, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/system-error-code.ts';
import { listTree, type TreeEntry } from './list-tree.ts';

export interface CopyOptions {
  /** Absolute paths, free of links, that are left out with everything below them. */
  readonly leaveOut: readonly string[];
  readonly onProgress: (progress: TaskProgress) => void;
  readonly signal: AbortSignal;
}

const filesAtOnce = 16;

/**
 * Copies a folder for a demonstration that will change the copy: data is copied and not linked, symbolic links stay links,
 * sockets and other special files are left out. Modes and times are kept. The copy appears under its name only when it is
 * complete; what an attempt before this one left unfinished is removed first. A file that vanishes meanwhile is left out.
 * Throws CANCELLED, DISK_FULL, FILE_NOT_WRITABLE.
 */
export async function makeWorkingCopy(from: string, to: string, options: CopyOptions): Promise<void> {
  const unfinished = `${to}.unfinished`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await copyTree(from, unfinished, options);
    await rename(unfinished, to);
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    const code = systemErrorCode(error);
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    const sentence = `the working copy ${to} cannot be made: ${error instanceof Error ? error.message : code}`;
    throw new PlatformError(full ? 'DISK_FULL' : 'FILE_NOT_WRITABLE', sentence, { cause: error });
  }
}

async function copyTree(from: string, to: string, { leaveOut, onProgress, signal }: CopyOptions): Promise<void> {
  const entries = await listTree(from, leaveOut);
  const folders = entries.filter(({ stats }) => stats.isDirectory());
  const others = entries.filter(({ stats }) => stats.isFile() || stats.isSymbolicLink());
  const progress = { bytes_done: 0, files_done: 0, bytes_total: sizeOf(others), files_total: others.length };
  await mkdir(to);
  for (const { path } of folders) await mkdir(join(to, path));
  for (let start = 0; start < others.length; start += filesAtOnce) {
    if (signal.aborted) throw new PlatformError('CANCELLED', 'the working copy was not finished');
    const batch = others.slice(start, start + filesAtOnce);
    await Promise.all(batch.map((entry) => copyUnlessGone(from, to, entry)));
    progress.bytes_done += sizeOf(batch);
    progress.files_done += batch.length;
    onProgress({ phase: 'writing', ...progress });
  }
  // A folder's time changes with each entry made in it: the times come last, from the innermost folder outwards.
  for (const { path, stats } of folders.reverse()) {
    await chmod(join(to, path), stats.mode & 0o7777);
    await utimes(join(to, path), stats.atime, stats.mtime);
  }
}

const sizeOf = (entries: readonly TreeEntry[]): number => entries.reduce((sum, { stats }) => sum + stats.size, 0);

async function copyUnlessGone(from: string, to: string, { path, stats }: TreeEntry): Promise<void> {
  const source = join(from, path);
  const copy = join(to, path);
  try {
    if (stats.isSymbolicLink()) {
      await symlink(await readlink(source), copy);
      await lutimes(copy, stats.atime, stats.mtime);
    } else {
      await copyFile(source, copy, constants.COPYFILE_FICLONE);
      await chmod(copy, stats.mode & 0o7777);
      await utimes(copy, stats.atime, stats.mtime);
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
