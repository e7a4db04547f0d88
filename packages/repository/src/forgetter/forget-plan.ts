import * as z from 'zod';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { groupCriterion, groupKey } from './group-snapshots.ts';
import { keepPolicy } from './keep-policy.ts';

/** What becomes of one snapshot under a plan, and why. `time` is the snapshot's own, in its zone. */
export const forgetDecision = z.object({
  snapshot_id: snapshotId,
  time: z.string(),
  keep: z.boolean(),
  reasons: z.array(z.string()).min(1),
});
export type ForgetDecision = z.output<typeof forgetDecision>;

/** A plan of what to forget, as it stands in a file between planning and applying. Each group is newest first. */
export const forgetPlan = z.object({
  repository_id: z.string(),
  planned_at: z.iso.datetime(),
  /** Null when snapshots were named instead. */
  policy: keepPolicy.nullable(),
  group_by: z.array(groupCriterion),
  groups: z.array(z.object({ key: groupKey, decisions: z.array(forgetDecision).min(1) })),
});
export type ForgetPlan = z.output<typeof forgetPlan>;

/** The ids that a plan removes. */
export function removedBy(plan: ForgetPlan): ForgetDecision[] {
  return plan.groups.flatMap(({ decisions }) => decisions.filter(({ keep }) => !keep));
}
