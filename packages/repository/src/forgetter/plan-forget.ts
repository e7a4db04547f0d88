import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import type { SnapshotEntry } from '../format/snapshot.ts';
import type { Repository } from '../repository.ts';
import { listSnapshots } from '../snapshots.ts';
import { decideGroup, type GroupDecision } from './decide-group.ts';
import type { ForgetPlan } from './forget-plan.ts';
import {
  describeGroup,
  filterSnapshots,
  groupSnapshots,
  type GroupCriterion,
  type SnapshotFilter,
} from './group-snapshots.ts';
import { findHold } from './holds.ts';
import { isEmptyPolicy, keepPolicy, type KeepPolicyInput } from './keep-policy.ts';

/** What to forget. Give a policy or the ids of snapshots. */
export interface ForgetOptions {
  readonly policy?: KeepPolicyInput;
  /** Forgets these and nothing else. */
  readonly snapshots?: readonly SnapshotId[];
  /** Defaults to host and paths. */
  readonly groupBy?: readonly GroupCriterion[];
  /** Snapshots that do not fit are not looked at, and stay. */
  readonly filter?: SnapshotFilter;
  /** Snapshots that must stay, and why, besides those with a tag `hold` or `hold:<reason>`. */
  readonly held?: ReadonlyMap<SnapshotId, string>;
}

/**
 * Decides which snapshots to forget, with the reason for each, and removes nothing. Takes no lock: it only reads.
 *
 * Throws FORGET_POLICY_EMPTY without a rule and without ids, HISTORY_EMPTIED when a group would keep nothing, HOLD_PRESENT or
 * SNAPSHOT_NOT_FOUND for an id that is given, SNAPSHOT_DAMAGED, or a STORAGE_ error.
 */
export async function planForget(repository: Repository, options: ForgetOptions): Promise<ForgetPlan> {
  const { groupBy = ['host', 'paths'], filter = {}, snapshots: named } = options;
  const policy = keepPolicy.parse(options.policy ?? {});
  if (named === undefined && isEmptyPolicy(policy)) {
    throw new PlatformError('FORGET_POLICY_EMPTY', 'no rule says what to keep, so nothing is forgotten');
  }
  const now = repository.clock.now();
  const entries = await listSnapshots(repository);
  const holds = new Map<SnapshotId, string>();
  for (const entry of entries) {
    const hold = options.held?.get(entry.id) ?? findHold(entry.snapshot);
    if (hold !== null) holds.set(entry.id, hold);
  }
  if (named !== undefined) assertForgettable(named, entries, holds);
  const considered = named === undefined ? filterSnapshots(entries, filter) : entries;
  const groups = groupSnapshots(considered, groupBy).map(({ key, entries: group }) => {
    const decided = named === undefined ? decideGroup(group, policy, now) : decideNamed(group, new Set(named));
    const decisions = decided.map((decision) => applyHold(decision, holds));
    if (!decisions.some(({ keep }) => keep)) {
      throw new PlatformError('HISTORY_EMPTIED', `nothing would be left of ${describeGroup(key)}`);
    }
    return { key, decisions };
  });
  return {
    repository_id: repository.id,
    planned_at: now.toISOString(),
    policy: named === undefined ? policy : null,
    group_by: [...groupBy],
    // Groups in which snapshots are named are all that such a plan is about.
    groups: groups.filter(({ decisions }) => named === undefined || decisions.some(({ keep }) => !keep)),
  };
}

function assertForgettable(
  named: readonly SnapshotId[],
  entries: readonly SnapshotEntry[],
  holds: ReadonlyMap<SnapshotId, string>,
): void {
  const known = new Set(entries.map(({ id }) => id));
  for (const id of named) {
    if (!known.has(id)) throw new PlatformError('SNAPSHOT_NOT_FOUND', `there is no snapshot ${id}`);
    const hold = holds.get(id);
    if (hold !== undefined) throw new PlatformError('HOLD_PRESENT', `the snapshot ${id} is held: ${hold}`);
  }
}

function decideNamed(group: readonly SnapshotEntry[], named: ReadonlySet<SnapshotId>): GroupDecision[] {
  return group
    .map((entry) => ({ entry, keep: !named.has(entry.id), reasons: [named.has(entry.id) ? 'named' : 'not named'] }))
    .reverse();
}

function applyHold(
  { entry, keep, reasons }: GroupDecision,
  holds: ReadonlyMap<SnapshotId, string>,
): ForgetPlan['groups'][number]['decisions'][number] {
  const hold = holds.get(entry.id);
  const held = hold === undefined ? [] : [`held: ${hold}`];
  return {
    snapshot_id: entry.id,
    time: entry.snapshot.time,
    keep: keep || hold !== undefined,
    reasons: [...held, ...(keep || hold === undefined ? reasons : [])],
  };
}
