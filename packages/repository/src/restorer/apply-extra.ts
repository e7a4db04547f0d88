import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/open-file.ts';
import { Pauses } from '../pauses.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { SkippedItems } from '../skipped-items.ts';
import type { ExtraEntry, ExtraPlan } from './extra-plan.ts';
import { joinRelative } from './restore-plan.ts';
import { TargetFolders } from './target-folders.ts';

/** What a deletion did. */
export interface ExtraDeletion {
  readonly deleted: number;
  readonly bytes: number;
  /** What the plan names and is still there, and why. */
  readonly left: SkippedItems;
}

/**
 * Deletes what a plan names, and nothing else: an entry that is another one by now stays, and so does a folder that has
 * got something new. To be called after the restore, so that a crash between the two leaves too much and never too little;
 * the same plan may be applied again. Throws TARGET_IS_LINK when a folder has become a link, and CANCELLED.
 */
export async function applyExtra(plan: ExtraPlan, signal?: AbortSignal): Promise<ExtraDeletion> {
  const pauses = new Pauses(signal ?? new AbortController().signal);
  const folders = new TargetFolders(Buffer.from(plan.target));
  const left = new SkippedItems();
  let deleted = 0;
  let bytes = 0;
  try {
    for (const entry of plan.entries) {
      await pauses.pauseIfDue();
      const reason = remove(folders, entry);
      if (reason === null) {
        deleted += 1;
        bytes += entry.size;
      } else {
        left.add(joinRelative(entry.folder, entry.name), 'NOT_DELETED', reason);
      }
    }
  } finally {
    folders.close();
  }
  return { deleted, bytes, left };
}

/** Returns why an entry was not removed, as the rest of a sentence; null when it is gone. */
function remove(folders: TargetFolders, { folder, name, isFolder, inode, device }: ExtraEntry): string | null {
  try {
    const path = folders.place(folder, name);
    const { ino, dev } = lstatSync(path, { bigint: true });
    if (ino !== inode || dev !== device) return 'another one stands in its place since the plan was made';
    // Neither follows a link; rmdir removes nothing but an empty folder, unlink no folder at all.
    if (isFolder) rmdirSync(path);
    else unlinkSync(path);
    return null;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'TARGET_IS_LINK') throw error;
    const cause = error instanceof PlatformError ? error.cause : error;
    if (hasPosixCode(cause, 'ENOENT')) return null;
    return `it cannot be deleted: ${reasonOf(cause)}`;
  }
}
