import { lstatSync, type BigIntStats } from 'node:fs';
import type { Pauses } from '../pauses.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import type { OverwriteRule } from './overwrite-rules.ts';
import type { ExistingFolders } from './prepare-target.ts';
import type { PlannedFile, PlannedLink, PlannedPlace, RestorePlan } from './restore-plan.ts';
import { targetError, type TargetFolders } from './target-folders.ts';

/** A plan without what is kept. */
export interface OverwriteDecision {
  readonly plan: RestorePlan;
  /** Files whose content in the target is compared. */
  readonly standing: ReadonlySet<PlannedFile>;
  /** Files that stay as they stand, further names of files among them, and what the point has for them in bytes. */
  readonly filesKept: number;
  readonly bytesKept: number;
}

/**
 * Decides about what stands in the target; writes nothing. Folders are always those of the point. Of a file with several
 * names the first one that is written holds the content, so that no name leads to a file that was kept.
 */
export async function applyOverwrite(
  plan: RestorePlan,
  existing: ExistingFolders,
  folders: TargetFolders,
  rule: OverwriteRule,
  pauses: Pauses,
): Promise<OverwriteDecision> {
  const standing = new Set<PlannedFile>();
  if (existing.size === 0) return { plan, standing, filesKept: 0, bytesKept: 0 };
  const files: PlannedFile[] = [];
  const kept = new Set<PlannedFile>();
  let filesKept = 0;
  let bytesKept = 0;

  const find = async (place: PlannedPlace): Promise<BigIntStats | null> => {
    await pauses.pauseIfDue();
    return existing.has(place.folder.toString('latin1')) ? look(folders.place(place.folder, place.name)) : null;
  };
  const stays = (found: BigIntStats | null, mtimeNs: bigint): boolean =>
    found !== null && (rule === 'never' || (rule === 'if-newer' && found.mtimeNs >= mtimeNs));

  for (const file of plan.files) {
    const found = await find(file);
    if (stays(found, file.metadata.mtimeNs)) {
      kept.add(file);
      filesKept += 1;
      bytesKept += file.size;
      continue;
    }
    files.push(file);
    if (found?.isFile() === true && rule !== 'always') standing.add(file);
  }

  const links: PlannedLink[] = [];
  const promoted = new Map<PlannedFile, PlannedFile>();
  let number = plan.files.length;
  for (const link of plan.links) {
    const found = await find(link);
    if (stays(found, link.original.metadata.mtimeNs)) {
      filesKept += 1;
      continue;
    }
    const { original, ...place } = link;
    const holder = kept.has(original) ? promoted.get(original) : original;
    if (holder !== undefined) {
      links.push({ ...place, original: holder });
      continue;
    }
    const file: PlannedFile = { ...original, ...place, number };
    number += 1;
    bytesKept -= file.size;
    promoted.set(original, file);
    files.push(file);
    if (found?.isFile() === true && rule !== 'always') standing.add(file);
  }

  const specials = [];
  for (const special of plan.specials) {
    if (!stays(await find(special), special.metadata.mtimeNs)) specials.push(special);
  }
  return { plan: { ...plan, files, links, specials }, standing, filesKept, bytesKept };
}

function look(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw targetError(error, path);
  }
}
