import { readdirSync, rmSync } from 'node:fs';
import type { Pauses } from '../pauses.ts';
import type { ExistingFolders } from './prepare-target.ts';
import type { PlannedFile, PlannedPlace, RestorePlan } from './restore-plan.ts';
import { targetError, type TargetFolders } from './target-folders.ts';
import { isTemporaryName, temporaryName } from './temporary-name.ts';

/** What restores that were killed left in a target. */
export interface Leftovers {
  /** Files of which an earlier attempt of the same operation left a part. */
  readonly resumable: ReadonlySet<PlannedFile>;
  /** Temporary files that nobody goes on with. */
  readonly stale: readonly PlannedPlace[];
}

/** Finds what restores that were killed left in the folders of a plan; changes nothing. */
export async function findLeftovers(
  plan: RestorePlan,
  existing: ExistingFolders,
  folders: TargetFolders,
  operation: string,
  pauses: Pauses,
): Promise<Leftovers> {
  const stale: PlannedPlace[] = [];
  const found = new Map<string, Buffer[]>();
  for (const { path } of plan.folders) {
    await pauses.pauseIfDue();
    if (!existing.has(path.toString('latin1'))) continue;
    const names = temporariesIn(folders, path);
    if (names.length > 0) found.set(path.toString('latin1'), names);
  }
  const resumable = new Set<PlannedFile>();
  if (found.size > 0) {
    const own = new Set<string>();
    for (const file of plan.files) {
      await pauses.pauseIfDue();
      const folder = file.folder.toString('latin1');
      const name = found.has(folder) ? temporaryName(operation, file.name) : null;
      if (name === null || found.get(folder)?.some((other) => other.equals(name)) !== true) continue;
      resumable.add(file);
      own.add(`${folder}/${name.toString('latin1')}`);
    }
    for (const [folder, names] of found) {
      for (const name of names) {
        if (!own.has(`${folder}/${name.toString('latin1')}`))
          stale.push({ folder: Buffer.from(folder, 'latin1'), name });
      }
    }
  }
  return { resumable, stale };
}

/** Removes temporary files that nobody goes on with. Throws TARGET_NOT_WRITABLE. */
export async function removeStale({ stale }: Leftovers, folders: TargetFolders, pauses: Pauses): Promise<void> {
  for (const { folder, name } of stale) {
    await pauses.pauseIfDue();
    const path = folders.place(folder, name);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw targetError(error, path);
    }
  }
}

/** Removes every temporary file in the folders of a plan, as far as that is possible: what stays, the next restore finds. */
export function sweep(plan: RestorePlan, folders: TargetFolders): void {
  for (const { path } of plan.folders) {
    try {
      for (const name of temporariesIn(folders, path)) rmSync(folders.place(path, name), { force: true });
    } catch {
      // The folder was not made yet or cannot be read.
    }
  }
}

function temporariesIn(folders: TargetFolders, folder: Buffer): Buffer[] {
  return readdirSync(folders.place(folder, Buffer.from('.')), { encoding: 'buffer' }).filter(isTemporaryName);
}
