import { linkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/open-file.ts';
import type { Pauses } from '../pauses.ts';
import { makeDevice, makeFifo } from '../posix/special-files.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { applyMetadata, type MetadataFault } from './apply-metadata.ts';
import {
  joinRelative,
  type PlannedFile,
  type PlannedPlace,
  type PlannedSpecial,
  type RestorePlan,
} from './restore-plan.ts';
import { targetError, type TargetFolders } from './target-folders.ts';
import { temporaryName } from './temporary-name.ts';

/** What links and special files are written with. */
export interface OthersContext {
  readonly folders: TargetFolders;
  readonly operation: string;
  readonly pauses: Pauses;
  /** Files that could not be restored: nothing is linked to them. */
  readonly isDamaged: (file: PlannedFile) => boolean;
  readonly note: (place: PlannedPlace, faults: readonly MetadataFault[]) => void;
}

/**
 * Writes hard links, symlinks, fifos and devices, also under a temporary name first. A device that this user may not make
 * is noted and left out. Throws TARGET_NOT_WRITABLE, DISK_FULL or CANCELLED.
 */
export async function writeOthers({ links, specials }: RestorePlan, context: OthersContext): Promise<void> {
  const { folders, pauses, isDamaged, note } = context;
  for (const link of links) {
    await pauses.pauseIfDue();
    if (isDamaged(link.original)) continue;
    publish(context, link, (temporary) => {
      linkSync(folders.place(link.original.folder, link.original.name), temporary);
    });
  }
  for (const special of specials) {
    await pauses.pauseIfDue();
    try {
      publish(context, special, (temporary) => {
        createSpecial(special, temporary);
        const kind = special.type === 'symlink' ? 'link' : 'other';
        note(special, applyMetadata(temporary, special.metadata, kind));
      });
    } catch (error) {
      if (!(error instanceof PlatformError) || !hasPosixCode(error.cause, 'EPERM')) throw error;
      note(special, [{ code: 'DEVICE_NOT_CREATED', message: `it cannot be created: ${reasonOf(error.cause)}` }]);
    }
  }
}

function publish(
  { folders, operation }: OthersContext,
  { folder, name }: PlannedPlace,
  create: (temporary: Buffer) => void,
): void {
  try {
    const temporary = folders.place(folder, temporaryName(operation, name));
    create(temporary);
    renameSync(temporary, folders.place(folder, name));
    // Renaming one name of a file to another name of the same file leaves both.
    rmSync(temporary, { force: true });
  } catch (error) {
    throw targetError(error, joinRelative(folder, name));
  }
}

function createSpecial({ type, linkTarget, device }: PlannedSpecial, path: Buffer): void {
  switch (type) {
    case 'symlink':
      symlinkSync(linkTarget, path);
      break;
    case 'fifo':
      makeFifo(path, 0o600);
      break;
    case 'dev':
      makeDevice(path, 'block', 0o600, BigInt(device));
      break;
    case 'chardev':
      makeDevice(path, 'character', 0o600, BigInt(device));
  }
}
