import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { PackId } from '../format/blob.ts';
import type { ChosenCopies } from './choose-copies.ts';
import type { PackAction, PackDecision } from './decide-packs.ts';
import type { PackTable, TablePack } from './pack-table.ts';
import type { PruneSettings } from './prune-options.ts';
import type { UsedBlobs } from './used-blobs.ts';

/** What a prune has found, and what it is to do. Sizes in bytes; each pack stands under one action. */
export interface PruneReport {
  readonly repository_id: string;
  readonly planned_at: string;
  readonly grace_seconds: number;
  readonly snapshots: number;
  readonly index_files: number;
  /** Copies of blobs in packs that are indexed. */
  readonly blobs: { readonly used: number; readonly duplicate: number; readonly unused: number };
  readonly bytes: {
    readonly used: number;
    readonly duplicate: number;
    readonly unused: number;
    /** In packs that no index lists or marks. */
    readonly unindexed: number;
    /** In marked packs. */
    readonly marked: number;
  };
  readonly packs: Readonly<Record<PackAction, number>>;
  readonly pack_bytes: Readonly<Record<PackAction, number>>;
  /** Fetched and stored again. */
  readonly bytes_to_move: number;
  /** Deleted by this run. */
  readonly bytes_to_delete: number;
  /** Marked by this run, and deleted by one after the grace. */
  readonly bytes_to_mark: number;
}

/** What becomes of one pack, for a person or a program. `size` is in bytes, 0 for a pack that is gone. */
export interface PackReport extends PackDecision {
  readonly pack: PackId;
  readonly size: number;
}

/** What applying a plan works with: the state of the repository when it was planned. It lives as long as the process. */
export interface PruneState {
  readonly settings: PruneSettings;
  readonly table: PackTable;
  readonly used: UsedBlobs;
  readonly chosen: ChosenCopies;
  readonly decisions: Map<TablePack, PackDecision>;
  /** Index files in the table. */
  readonly indexFiles: Set<string>;
  /** Snapshots whose blobs are known as used. */
  readonly snapshots: Set<SnapshotId>;
}

/** A plan of a prune. Applying takes only a plan, in the process that made it. */
export class PrunePlan {
  readonly report: PruneReport;
  readonly #state: PruneState;
  #taken = false;

  constructor(report: PruneReport, state: PruneState) {
    this.report = report;
    this.#state = state;
  }

  /** Whether there is nothing to do. */
  get isEmpty(): boolean {
    const { repack, mark, delete: deleted, recover, drop } = this.report.packs;
    return repack + mark + deleted + recover + drop === 0;
  }

  /** What becomes of each pack that does not just stay, by action and id. */
  packs(): PackReport[] {
    return [...this.#state.decisions]
      .filter(([, { action }]) => action !== 'keep')
      .map(([{ id, storedSize }, decision]) => ({ pack: id, size: storedSize ?? 0, ...decision }))
      .sort((left, right) => (`${left.action} ${left.pack}` < `${right.action} ${right.pack}` ? -1 : 1));
  }

  /** Hands the state over to be applied, once: afterwards it describes a repository that is no more. Throws PLAN_STALE. */
  take(): PruneState {
    if (this.#taken) throw new PlatformError('PLAN_STALE', 'the plan has been applied already');
    this.#taken = true;
    return this.#state;
  }
}

/** Sums up a plan. */
export function reportOf(repositoryId: string, now: Date, state: PruneState): PruneReport {
  const { table, chosen, decisions, settings } = state;
  const blobs = { used: 0, duplicate: 0, unused: 0 };
  const bytes = { used: 0, duplicate: 0, unused: 0, unindexed: 0, marked: 0 };
  const packs: Record<PackAction, number> = { keep: 0, repack: 0, mark: 0, wait: 0, delete: 0, recover: 0, drop: 0 };
  const packBytes = { ...packs };
  let bytesToMove = 0;
  for (const pack of table.packs) {
    const size = pack.storedSize ?? 0;
    const { action } = decisions.get(pack) ?? { action: 'keep' };
    packs[action] += 1;
    packBytes[action] += size;
    const use = chosen.uses.get(pack);
    if (use === undefined) {
      const kind = pack.listedIn.length > 0 ? 'unused' : pack.markedIn.length > 0 ? 'marked' : 'unindexed';
      bytes[kind] += size;
      continue;
    }
    blobs.used += use.usedBlobs;
    blobs.duplicate += use.duplicateBlobs;
    blobs.unused += use.unusedBlobs - use.duplicateBlobs;
    bytes.used += use.usedBytes;
    bytes.duplicate += use.duplicateBytes;
    bytes.unused += use.unusedBytes - use.duplicateBytes;
    if (action === 'repack') bytesToMove += use.usedBytes;
  }
  const marked = packBytes.mark + packBytes.repack;
  return {
    repository_id: repositoryId,
    planned_at: now.toISOString(),
    grace_seconds: settings.graceSeconds,
    snapshots: state.snapshots.size,
    index_files: state.indexFiles.size,
    blobs,
    bytes,
    packs,
    pack_bytes: packBytes,
    bytes_to_move: bytesToMove,
    bytes_to_delete: packBytes.delete + (settings.graceSeconds === 0 ? marked : 0),
    bytes_to_mark: settings.graceSeconds === 0 ? 0 : marked,
  };
}
