import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { withLock } from '../locks.ts';
import { Pauses } from '../pauses.ts';
import { hasPosixCode } from '../posix/posix-error.ts';
import { ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { displayPath } from '../display-path.ts';
import { SkippedItems } from '../skipped-items.ts';
import { filterOf, openPlan, type RestoreOptions } from './open-plan.ts';
import { checkTarget } from './prepare-target.ts';
import { joinRelative, type PlanFilter, type RestorePlan } from './restore-plan.ts';
import { targetError, TargetFolders } from './target-folders.ts';
import { isTemporaryName } from './temporary-name.ts';

/** Something in a target that the point does not have. */
export interface ExtraEntry {
  /** Relative to the target, for a person. */
  readonly path: string;
  readonly folder: Buffer;
  readonly name: Buffer;
  readonly isFolder: boolean;
  /** Bytes of a file, else 0. */
  readonly size: number;
  /** Which one it is: another one in its place is not deleted. */
  readonly inode: bigint;
  readonly device: bigint;
}

/** What a deletion removes, in the order in which it does: what a folder holds comes before the folder. */
export interface ExtraPlan {
  /** Absolute path of the target. */
  readonly target: string;
  readonly entries: readonly ExtraEntry[];
  readonly bytes: number;
  /** What the point does not have and stays all the same, and why. */
  readonly left: SkippedItems;
}

/**
 * Finds what stands in a target and not in the point, within what the patterns of the options take; changes nothing. No
 * link is followed, and no other file system that is mounted below the target is entered. Throws what `restore` throws
 * before it writes.
 */
export async function planExtra(repository: Repository, options: RestoreOptions): Promise<ExtraPlan> {
  const target = await checkTarget(options.target);
  return withLock(repository, 'shared', options.signal, async (signal) => {
    const pauses = new Pauses(signal);
    const progress = new ProgressReporter(repository.clock, options.onProgress);
    progress.enter('opening');
    const { plan } = await openPlan(repository, options, progress, pauses);
    const folders = new TargetFolders(Buffer.from(target.path));
    try {
      const search = new ExtraSearch(plan, filterOf(options), folders, pauses);
      if (target.exists) await search.run();
      const bytes = search.entries.reduce((sum, { size }) => sum + size, 0);
      return { target: target.path, entries: search.entries, bytes, left: search.left };
    } finally {
      folders.close();
    }
  });
}

class ExtraSearch {
  readonly entries: ExtraEntry[] = [];
  readonly left = new SkippedItems();
  readonly #filter: PlanFilter;
  readonly #folders: TargetFolders;
  readonly #pauses: Pauses;
  /** What the plan has, by relative path in latin1. */
  readonly #planned = new Set<string>();

  constructor(plan: RestorePlan, filter: PlanFilter, folders: TargetFolders, pauses: Pauses) {
    this.#filter = filter;
    this.#folders = folders;
    this.#pauses = pauses;
    for (const { path } of plan.folders) this.#planned.add(path.toString('latin1'));
    for (const { folder, name } of [...plan.files, ...plan.links, ...plan.specials, ...plan.sockets]) {
      this.#planned.add(joinRelative(folder, name).toString('latin1'));
    }
  }

  async run(): Promise<void> {
    const root = Buffer.alloc(0);
    const stat = look(this.#folders.place(root, Buffer.from('.')));
    if (stat !== null) await this.#visit(root, stat.dev);
  }

  /** Returns whether nothing would be left in the folder. */
  async #visit(folder: Buffer, device: bigint): Promise<boolean> {
    let empty = true;
    for (const name of this.#list(folder)) {
      await this.#pauses.pauseIfDue();
      const goes = await this.#visitEntry(folder, name, device);
      empty &&= goes;
    }
    return empty;
  }

  /** Returns whether the entry would be gone. */
  async #visitEntry(folder: Buffer, name: Buffer, device: bigint): Promise<boolean> {
    const stat = look(this.#folders.place(folder, name));
    if (stat === null) return true;
    const path = joinRelative(folder, name);
    const isFolder = stat.isDirectory();
    if (isFolder && stat.dev !== device) {
      this.left.add(path, 'OTHER_FILE_SYSTEM', 'another file system is mounted there');
      return false;
    }
    if (this.#filter.excluded?.(path.toString(), isFolder) === true) return false;
    const isEmpty = !isFolder || (await this.#visit(path, device));
    const planned = this.#planned.has(path.toString('latin1'));
    const { included } = this.#filter;
    const isMeant = included === null || included(path.toString(), isFolder);
    // What a killed restore left is the next restore's to go on with or to remove.
    if (planned || !isMeant || isTemporaryName(name)) return false;
    if (!isEmpty) {
      this.left.add(path, 'NOT_EMPTY', 'the folder holds something that stays');
      return false;
    }
    const size = stat.isFile() ? Number(stat.size) : 0;
    const { ino: inode, dev } = stat;
    this.entries.push({ path: displayPath(path), folder, name, isFolder, size, inode, device: dev });
    return true;
  }

  #list(folder: Buffer): Buffer[] {
    const here = this.#folders.place(folder, Buffer.from('.'));
    try {
      return readdirSync(here, { encoding: 'buffer' }).sort((left, right) => Buffer.compare(left, right));
    } catch (error) {
      throw targetError(error, folder);
    }
  }
}

function look(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (hasPosixCode(error, 'ENOENT')) return null;
    throw targetError(error, path);
  }
}
