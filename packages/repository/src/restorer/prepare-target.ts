import { constants, lstatSync, mkdirSync, type Stats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { reasonOf } from '../archiver/open-file.ts';
import type { Pauses } from '../pauses.ts';
import { checkEffectiveAccess } from '../posix/effective-access.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { displayPath } from '../display-path.ts';
import { joinRelative, type PlannedFolder, type RestorePlan } from './restore-plan.ts';
import { targetError, type TargetFolders } from './target-folders.ts';

/** A target that was looked at, before anything is written. */
export interface CheckedTarget {
  /** Absolute path whose parents hold no link. */
  readonly path: string;
  readonly exists: boolean;
}

/** Checks the target's path and rights; writes nothing. Throws TARGET_PATH_INVALID, TARGET_IS_LINK or TARGET_NOT_WRITABLE. */
export async function checkTarget(target: string): Promise<CheckedTarget> {
  if (!isAbsolute(target) || target.includes('\0') || target.split('/').includes('..')) {
    throw new PlatformError('TARGET_PATH_INVALID', `the target ${target} is not an absolute path without \`..\``);
  }
  const plain = normalize(target).replace(/(?<=.)\/$/, '');
  let parent: string;
  try {
    parent = await realpath(dirname(plain));
  } catch (error) {
    const reason = hasPosixCode(error, 'ENOENT') ? 'does not exist' : `cannot be used: ${reasonOf(error)}`;
    throw new PlatformError('TARGET_NOT_WRITABLE', `the folder of the target, ${dirname(plain)}, ${reason}`, {
      cause: error,
    });
  }
  const path = plain === '/' ? plain : join(parent, basename(plain));
  const found = look(Buffer.from(path));
  if (found?.isSymbolicLink() === true) throw new PlatformError('TARGET_IS_LINK', `the target ${path} is a link`);
  if (found !== null && !found.isDirectory()) {
    throw new PlatformError('TARGET_NOT_WRITABLE', `the target ${path} is not a folder`);
  }
  try {
    checkEffectiveAccess(Buffer.from(found === null ? parent : path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw targetError(error, Buffer.from(found === null ? parent : path));
  }
  return { path, exists: found !== null };
}

/** Folders of the plan that stood in the target before, by relative path in latin1. */
export type ExistingFolders = ReadonlySet<string>;

/**
 * Finds out what of the plan stands in the target already; writes nothing. Throws TARGET_IS_LINK for a link and
 * TARGET_NOT_WRITABLE for a file in the place of a folder, or a folder in the place of something else.
 */
export async function findExisting(
  plan: RestorePlan,
  target: CheckedTarget,
  folders: TargetFolders,
  pauses: Pauses,
): Promise<ExistingFolders> {
  const existing = new Set<string>();
  if (!target.exists) return existing;
  for (const folder of plan.folders) {
    await pauses.pauseIfDue();
    const { parent, name } = splitFolder(folder);
    if (folder.path.byteLength > 0) {
      if (!existing.has(parent.toString('latin1'))) continue;
      const found = look(folders.place(parent, name));
      if (found === null) continue;
      if (found.isSymbolicLink()) {
        throw new PlatformError(
          'TARGET_IS_LINK',
          `${displayPath(folder.path)} in the target is a link where the point has a folder`,
        );
      }
      if (!found.isDirectory()) throw inTheWay(folder.path, 'a file where the point has a folder');
    }
    existing.add(folder.path.toString('latin1'));
  }
  for (const { folder, name } of [...plan.files, ...plan.links, ...plan.specials]) {
    await pauses.pauseIfDue();
    if (!existing.has(folder.toString('latin1'))) continue;
    if (look(folders.place(folder, name))?.isDirectory() === true) {
      throw inTheWay(joinRelative(folder, name), 'a folder where the point has none');
    }
  }
  return existing;
}

/** Makes the folders of the plan that are not there. Throws TARGET_NOT_WRITABLE or TARGET_IS_LINK. */
export async function makeFolders(
  plan: RestorePlan,
  target: CheckedTarget,
  existing: ExistingFolders,
  folders: TargetFolders,
  pauses: Pauses,
): Promise<void> {
  if (!target.exists) {
    try {
      mkdirSync(target.path, 0o700);
    } catch (error) {
      throw targetError(error, Buffer.from(target.path));
    }
  }
  for (const folder of plan.folders) {
    await pauses.pauseIfDue();
    if (folder.path.byteLength === 0 || existing.has(folder.path.toString('latin1'))) continue;
    const { parent, name } = splitFolder(folder);
    folders.make(parent, name);
  }
}

/** A folder's parent and name. Both are empty for the target itself. */
function splitFolder({ path }: PlannedFolder): { readonly parent: Buffer; readonly name: Buffer } {
  const cut = path.lastIndexOf(0x2f);
  return { parent: path.subarray(0, Math.max(cut, 0)), name: path.subarray(cut + 1) };
}

function inTheWay(path: Buffer, what: string): PlatformError {
  return new PlatformError('TARGET_NOT_WRITABLE', `${displayPath(path)} in the target is ${what}`);
}

/** What lstat says, null when nothing is there. */
export function look(path: Buffer): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw targetError(error, path);
  }
}
