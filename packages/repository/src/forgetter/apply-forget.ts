import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId, type SnapshotId } from '@enterprise-backup/contracts/ids';
import { withLock } from '../locks.ts';
import { throwIfAborted } from '../pauses.ts';
import type { Repository } from '../repository.ts';
import { removeUnlessLocked } from '../storage/remove-unless-locked.ts';
import { removedBy, type ForgetPlan } from './forget-plan.ts';
import { describeGroup } from './group-snapshots.ts';

/** What a plan that was applied has removed. */
export interface ForgetResult {
  readonly removed: readonly SnapshotId[];
  /** Planned, but gone already. */
  readonly gone_before: readonly SnapshotId[];
  /** Still there because the storage protects them for now: apply a new plan when that ends. */
  readonly put_off: readonly SnapshotId[];
}

export interface ApplyForgetOptions {
  /** Snapshots that must stay, and why, as they stand now: a hold that came after the plan counts. */
  readonly held?: ReadonlyMap<SnapshotId, string>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes the snapshots that a plan names, oldest first. Their data stays until a prune. A crash in between leaves some of
 * them; applying the plan again removes the rest.
 *
 * It holds the exclusive lock, as restic's forget does: whoever reads a snapshot under a shared lock must not lose it
 * meanwhile. Throws REQUEST_INVALID for a plan of another repository, PLAN_STALE when a snapshot that the plan keeps is
 * gone, so that nobody knows what would be left, HOLD_PRESENT, REPOSITORY_LOCKED, CANCELLED, or a STORAGE_ error; nothing is
 * removed then, save with the last two.
 */
export async function applyForget(
  repository: Repository,
  plan: ForgetPlan,
  options: ApplyForgetOptions = {},
): Promise<ForgetResult> {
  if (plan.repository_id !== repository.id) {
    throw new PlatformError('REQUEST_INVALID', `the plan was made for the repository ${plan.repository_id}`);
  }
  return withLock(repository, 'exclusive', options.signal, async (signal) => {
    const present = new Set((await repository.listNames('snapshots')).map((name) => snapshotId.parse(name)));
    assertStillValid(plan, present, options.held ?? new Map<SnapshotId, string>());
    const removed: SnapshotId[] = [];
    const goneBefore: SnapshotId[] = [];
    const putOff: SnapshotId[] = [];
    for (const { snapshot_id: id } of removedBy(plan).reverse()) {
      throwIfAborted(signal);
      if (!present.has(id)) goneBefore.push(id);
      else if (await removeUnlessLocked(repository.storage, 'snapshots', id)) removed.push(id);
      else putOff.push(id);
    }
    return { removed, gone_before: goneBefore, put_off: putOff };
  });
}

function assertStillValid(
  plan: ForgetPlan,
  present: ReadonlySet<SnapshotId>,
  held: ReadonlyMap<SnapshotId, string>,
): void {
  for (const { key, decisions } of plan.groups) {
    const removed = decisions.filter(({ keep }) => !keep);
    const kept = decisions.filter(({ keep }) => keep);
    if (removed.length === 0) continue;
    const missing = kept.find(({ snapshot_id: id }) => !present.has(id));
    if (kept.length === 0 || missing !== undefined) {
      const what =
        missing === undefined ? 'would leave nothing' : `keeps the snapshot ${missing.snapshot_id}, now gone,`;
      throw new PlatformError('PLAN_STALE', `the plan ${what} of ${describeGroup(key)}`);
    }
    for (const { snapshot_id: id } of removed) {
      const hold = held.get(id);
      if (hold !== undefined) throw new PlatformError('HOLD_PRESENT', `the snapshot ${id} is held: ${hold}`);
    }
  }
}
