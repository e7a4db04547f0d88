import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { matchPatterns } from '../filter/match-patterns.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import { loadIndex } from '../index/load-index.ts';
import type { Pauses } from '../pauses.ts';
import type { ProgressListener, ProgressReporter } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { loadSnapshot } from '../snapshots.ts';
import { findFolder } from '../tree/find-folder.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import type { OverwriteRule } from './overwrite-rules.ts';
import { planRestore, type PlanFilter, type RestorePlan } from './restore-plan.ts';

/** What to restore, and where to. */
export interface RestoreOptions {
  readonly snapshot: SnapshotId;
  /** Absolute path of a folder inside the snapshot; what it holds goes into the target. `/` takes everything. */
  readonly folder: string;
  /** Absolute path of a folder, which is created when it is missing. */
  readonly target: string;
  /** Patterns as in .gitignore, relative to the folder, of what is restored; empty takes everything. */
  readonly include?: readonly string[];
  /** Patterns as in .gitignore, relative to the folder, of what is left out; they win over `include`. */
  readonly exclude?: readonly string[];
  /** What happens to something that stands in the target already. Default: `if-changed`. */
  readonly overwrite?: OverwriteRule;
  /**
   * Writes what differs straight into files that stand in the target, instead of into a copy that takes the file's place
   * when it is whole. Needs no space for the copy, and keeps the file's inode; whoever reads the file meanwhile sees a
   * mixture, and a crash leaves one, until the restore is run again.
   */
  readonly inPlace?: boolean;
  /** Only find out what would be written and fetched. */
  readonly dryRun?: boolean;
  readonly onProgress?: ProgressListener | undefined;
  /** Stops the restore, which then throws CANCELLED. Files that have their names by then are whole and stay. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the snapshot and plans what of it is wanted. The sizes of files are those of their blobs. `onFile` is told how many
 * files the plan has, each time one is added.
 */
export async function openPlan(
  repository: Repository,
  options: RestoreOptions,
  progress: ProgressReporter,
  pauses: Pauses,
  onFile?: (files: number) => void,
): Promise<{ readonly plan: RestorePlan; readonly index: BlobIndex }> {
  const snapshot = await loadSnapshot(repository, options.snapshot);
  const index = await loadIndex(repository);
  progress.enter('planning');
  const trees = new TreeReader(repository, index);
  const folder = await findFolder(trees, snapshot.tree, options.folder);
  if (folder === null) {
    throw new PlatformError(
      'SNAPSHOT_PATH_NOT_FOUND',
      `the snapshot ${options.snapshot} holds no folder ${options.folder}`,
    );
  }
  const filter = filterOf(options);
  const plan = await planRestore(trees, index, folder, filter, pauses, onFile);
  if (filter.included !== null && plan.folders.length === 0) {
    throw new PlatformError('SNAPSHOT_PATH_NOT_FOUND', `nothing in ${options.folder} matches the patterns`);
  }
  return { plan, index };
}

/** The filter that the patterns of the options make. */
export function filterOf({ include = [], exclude = [] }: Pick<RestoreOptions, 'include' | 'exclude'>): PlanFilter {
  return {
    included: include.length === 0 ? null : matchPatterns(include),
    excluded: exclude.length === 0 ? null : matchPatterns(exclude),
  };
}
