import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { PackId } from '../format/blob.ts';
import { withLock } from '../locks.ts';
import { Pauses } from '../pauses.ts';
import { ProgressReporter, type ProgressListener } from '../progress-reporter.ts';
import type { Repository } from '../repository.ts';
import { catchUp, keepBlob } from './catch-up.ts';
import type { PackAction } from './decide-packs.ts';
import type { TablePack } from './pack-table.ts';
import type { PrunePlan, PruneState } from './prune-plan.ts';
import { removePacks, type RemovedPacks } from './remove-packs.ts';
import { repack } from './repack.ts';
import { swapIndex } from './swap-index.ts';

export interface ApplyPruneOptions {
  /** How long to wait for others to finish before the index is changed, in seconds. By default it does not wait. */
  readonly lockWaitSeconds?: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a prune has done. Sizes in bytes. */
export interface PruneResult {
  /** Packs written by repacking, and their size. */
  readonly packs_written: number;
  readonly bytes_written: number;
  /** Packs taken out of the index and marked, to be deleted after the grace. */
  readonly packs_marked: number;
  readonly bytes_marked: number;
  readonly packs_deleted: number;
  readonly bytes_deleted: number;
  readonly packs_recovered: number;
  /** Packs that were gone and are no longer listed. */
  readonly packs_dropped: number;
  /** Files, as `data/<id>` or `index/<id>`, that the storage protects for now: a later run removes them. */
  readonly put_off: readonly string[];
  readonly duration_seconds: number;
}

/**
 * Applies a plan of `planPrune`: what nothing needs goes, in two steps that lie a grace period apart.
 *
 * 1. Under a shared lock, so that backups go on: packs that an earlier run has marked, and whose grace is over, are
 *    deleted; used blobs of packs that are to be repacked are stored anew and listed.
 * 2. Under the exclusive lock: what was added meanwhile is looked at, then packs are taken out of the index and marked.
 *    See `swapIndex` for the order.
 *
 * The exclusive lock is what keeps the index right for every client that uses locks, as restic does: while none of them
 * writes, no blob leaves the index that a snapshot in the making counts on. It is held for the writing of index files
 * alone. The grace is for those that the lock does not reach, such as rustic, or a machine that slept over its lock:
 * blobs that they counted on are still there when their snapshot appears, and the next run lists them again.
 *
 * Before each step the plan is compared with what the repository holds by then. A crash leaves what is described at
 * each step, never a needed blob without a listed copy; running prune again goes on where it ended.
 *
 * Throws PLAN_STALE when another prune or a repair came between, REPOSITORY_LOCKED when others use the repository, after
 * step 1 has been done, BLOB_DAMAGED and other damage, CANCELLED, or a STORAGE_ error. Packs leave the index only at the end,
 * when nothing of that has happened.
 */
export async function applyPrune(
  repository: Repository,
  plan: PrunePlan,
  options: ApplyPruneOptions = {},
): Promise<PruneResult> {
  if (plan.report.repository_id !== repository.id) {
    throw new PlatformError('REQUEST_INVALID', `the plan was made for the repository ${plan.report.repository_id}`);
  }
  return new Prune(repository, plan.take(), options).run(plan.isEmpty);
}

class Prune {
  readonly #repository: Repository;
  readonly #state: PruneState;
  readonly #options: ApplyPruneOptions;
  readonly #progress: ProgressReporter;
  readonly #putOff: string[] = [];
  #deleted = 0;
  #bytesDeleted = 0;

  constructor(repository: Repository, state: PruneState, options: ApplyPruneOptions) {
    this.#repository = repository;
    this.#state = state;
    this.#options = options;
    this.#progress = new ProgressReporter(repository.clock, options.onProgress);
  }

  async run(isEmpty: boolean): Promise<PruneResult> {
    const { clock } = this.#repository;
    const started = clock.now().getTime();
    const { signal, lockWaitSeconds = this.#repository.lockWaitSeconds } = this.#options;
    const written = isEmpty ? null : await withLock(this.#repository, 'shared', signal, (stop) => this.#prepare(stop));
    const swapped = isEmpty
      ? null
      : await withLock(this.#repository, 'exclusive', signal, (stop) => this.#swap(stop), lockWaitSeconds);
    this.#progress.enter('done');
    return {
      packs_written: written?.packs ?? 0,
      bytes_written: written?.bytes ?? 0,
      packs_marked: swapped?.marked.length ?? 0,
      bytes_marked: sizeOf(swapped?.marked ?? []),
      packs_deleted: this.#deleted,
      bytes_deleted: this.#bytesDeleted,
      packs_recovered: swapped?.recovered ?? 0,
      packs_dropped: swapped?.dropped ?? 0,
      put_off: this.#putOff,
      duration_seconds: (clock.now().getTime() - started) / 1000,
    };
  }

  /** Step 1. What is deleted here is in no index since a grace ago; what is stored anew is an addition. */
  async #prepare(signal: AbortSignal): Promise<{ readonly packs: number; readonly bytes: number }> {
    this.#progress.enter('opening');
    const pauses = new Pauses(signal);
    await catchUp(this.#repository, this.#state, pauses);
    this.#count(await removePacks(this.#repository, this.#packsTo('delete'), signal));
    const { table, chosen } = this.#state;
    const packs = this.#packsTo('repack');
    if (packs.length === 0) return { packs: 0, bytes: 0 };
    return repack(this.#repository, table, packs, (copy) => chosen.isKept(copy), this.#progress, signal);
  }

  /** Step 2. Without a grace, what was marked is deleted at once. */
  async #swap(
    signal: AbortSignal,
  ): Promise<{ readonly marked: readonly TablePack[]; readonly recovered: number; readonly dropped: number }> {
    this.#progress.enter('finishing');
    const { table, used, settings } = this.#state;
    const pauses = new Pauses(signal);
    await catchUp(this.#repository, this.#state, pauses);
    for (let blob = 0; blob < table.blobs.size; blob += 1) if (used.has(blob)) keepBlob(this.#state, blob);
    const { marked, recovered, dropped, putOff } = await swapIndex(this.#repository, this.#state, signal);
    this.#putOff.push(...putOff.map((name) => `index/${name}`));
    const counts = { recovered: recovered.length, dropped: dropped.length };
    if (settings.graceSeconds > 0) return { ...counts, marked };
    const unlisted = marked.filter(({ listedIn }) => !listedIn.some((name) => putOff.includes(name)));
    this.#count(await removePacks(this.#repository, unlisted, signal));
    return { ...counts, marked: marked.filter(({ storedSize }) => storedSize !== null) };
  }

  #packsTo(action: PackAction): TablePack[] {
    return this.#state.table.packs.filter((pack) => this.#state.decisions.get(pack)?.action === action);
  }

  #count({ removed, bytes, putOff }: RemovedPacks): void {
    this.#deleted += removed;
    this.#bytesDeleted += bytes;
    this.#putOff.push(...putOff.map(({ id }: { readonly id: PackId }) => `data/${id}`));
  }
}

function sizeOf(packs: readonly TablePack[]): number {
  return packs.reduce((sum, { storedSize }) => sum + (storedSize ?? 0), 0);
}
