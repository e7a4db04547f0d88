import { PlatformError } from '@enterprise-backup/contracts/errors';
import { validateRequest } from '@enterprise-backup/contracts/validate';
import { applyForget } from '@enterprise-backup/repository/apply-forget';
import { forgetPlan, removedBy, type ForgetPlan } from '@enterprise-backup/repository/forget-plan';
import { describeGroup, groupCriterion, type GroupCriterion } from '@enterprise-backup/repository/group-snapshots';
import { describePolicy, keepPolicy, type KeepPolicy } from '@enterprise-backup/repository/keep-policy';
import { planForget } from '@enterprise-backup/repository/plan-forget';
import type { Repository } from '@enterprise-backup/repository/repository';
import { findSnapshot } from '@enterprise-backup/repository/snapshots';
import type { CommandContext } from '../command-context.ts';
import { createFile } from '../files/create-file.ts';
import { readTextFile } from '../files/read-text-file.ts';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. Counts are -1 for all. */
export interface ForgetOptions extends RepositoryOptions {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: string;
  readonly keepWithinHourly?: string;
  readonly keepWithinDaily?: string;
  readonly keepWithinWeekly?: string;
  readonly keepWithinMonthly?: string;
  readonly keepWithinYearly?: string;
  readonly keepTag?: readonly string[];
  readonly retentionDays?: number;
  readonly groupBy: string;
  readonly host?: readonly string[];
  readonly tag?: readonly string[];
  readonly path?: readonly string[];
  readonly plan?: string;
  readonly apply?: boolean;
}

/** Digits of an id that are shown, as restic shows them. */
const shortId = 8;

/**
 * Plans what to forget and shows it, or takes a plan from a file; removes it with `apply`. Throws what planning, applying
 * and opening throw, and CLI_USAGE.
 */
export async function forgetSnapshotsByPlan(
  context: CommandContext,
  snapshots: readonly string[],
  options: ForgetOptions,
): Promise<void> {
  const { output, signal } = context;
  const policy = toPolicy(options);
  const isNew = snapshots.length > 0 || JSON.stringify(policy) !== JSON.stringify(keepPolicy.parse({}));
  const isFromFile = options.apply === true && options.plan !== undefined;
  if (isFromFile && isNew)
    throw new PlatformError('CLI_USAGE', 'a plan in a file has its rules already: leave them out');
  const repository = await openNamedRepository(options, context.clock);
  const plan = isFromFile ? await readPlan(options.plan ?? '') : await makePlan(repository, snapshots, policy, options);
  output.object({ forget_plan: plan });
  writePlan(output, plan);
  if (options.apply !== true) {
    if (options.plan !== undefined) await createFile(options.plan, `${JSON.stringify(plan, null, 2)}\n`);
    output.line(
      options.plan === undefined ? 'Nothing was removed.' : `Nothing was removed. The plan is in ${options.plan}.`,
    );
    return;
  }
  const result = await applyForget(repository, plan, { signal });
  output.object({ forget: result });
  output.line(`Removed ${formatCounted(result.removed.length, 'snapshot')}. Their space is freed by prune.`);
  for (const id of result.put_off)
    output.line(`The storage protects ${id.slice(0, shortId)} for now: forget it later.`);
}

function makePlan(
  repository: Repository,
  snapshots: readonly string[],
  policy: KeepPolicy,
  { groupBy, host = [], tag = [], path = [] }: ForgetOptions,
): Promise<ForgetPlan> {
  const filter = { hosts: host, tags: tag.map(splitTags), paths: path };
  if (snapshots.length === 0) return planForget(repository, { policy, groupBy: toCriteria(groupBy), filter });
  return Promise.all(snapshots.map(async (wanted) => (await findSnapshot(repository, wanted)).id)).then((ids) =>
    planForget(repository, { snapshots: ids, groupBy: toCriteria(groupBy) }),
  );
}

function toPolicy(options: ForgetOptions): KeepPolicy {
  const parsed = keepPolicy.safeParse({
    last: options.keepLast,
    hourly: options.keepHourly,
    daily: options.keepDaily,
    weekly: options.keepWeekly,
    monthly: options.keepMonthly,
    yearly: options.keepYearly,
    within: options.keepWithin,
    within_hourly: options.keepWithinHourly,
    within_daily: options.keepWithinDaily,
    within_weekly: options.keepWithinWeekly,
    within_monthly: options.keepWithinMonthly,
    within_yearly: options.keepWithinYearly,
    tags: (options.keepTag ?? []).map(splitTags),
    retention_days: options.retentionDays,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = String(issue?.path[0] ?? '').replace('_', '-');
  throw new PlatformError('CLI_USAGE', `--keep-${option} ${issue?.message ?? 'is wrong'}`);
}

function toCriteria(text: string): GroupCriterion[] {
  return text
    .split(',')
    .filter((name) => name !== '' && name !== 'none')
    .map((name) => {
      const parsed = groupCriterion.safeParse(name);
      if (parsed.success) return parsed.data;
      throw new PlatformError('CLI_USAGE', '--group-by takes host, paths and tags, separated by commas, or none');
    });
}

function splitTags(text: string): string[] {
  return text.split(',').map((tag) => tag.trim());
}

async function readPlan(path: string): Promise<ForgetPlan> {
  let json: unknown;
  try {
    json = JSON.parse(await readTextFile(path));
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw new PlatformError('REQUEST_INVALID', `${path} is not JSON`, { cause: error });
  }
  return validateRequest(forgetPlan, json);
}

function writePlan(output: Output, plan: ForgetPlan): void {
  const removed = removedBy(plan).length;
  const all = plan.groups.reduce((sum, { decisions }) => sum + decisions.length, 0);
  output.line(plan.policy === null ? 'Snapshots that are named.' : `Policy: ${safeText(describePolicy(plan.policy))}.`);
  output.line(`${formatCounted(all - removed, 'snapshot')} to keep, ${removed} to remove.`);
  for (const { key, decisions } of plan.groups) {
    output.line();
    output.line(safeText(describeGroup(key)));
    output.table({
      columns: [{ title: 'snapshot' }, { title: 'time' }, { title: 'decision' }, { title: 'reasons' }],
      rows: decisions.map(({ snapshot_id, time, keep, reasons }) => [
        snapshot_id.slice(0, shortId),
        formatTime(time),
        keep ? 'keep' : { text: 'remove', tone: 'bad' },
        reasons.join('; '),
      ]),
    });
  }
  if (plan.groups.length > 0) output.line();
}
