import { PlatformError } from '@enterprise-backup/contracts/errors';
import { retentionPlan, type RetentionPlan } from '@enterprise-backup/contracts/orchestrator';
import { validateRequest } from '@enterprise-backup/contracts/validate';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { createFile } from '../files/create-file.ts';
import { readTextFile } from '../files/read-text-file.ts';
import { formatCounted } from '../format/count.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';

interface PlanOptions extends ConnectionOptions {
  readonly source?: string;
  readonly out?: string;
}

interface ApplyOptions extends ConnectionOptions {
  readonly plan: string;
}

/** Adds `backupctl retention`. */
export function addRetention(program: Command, execute: Execute): void {
  const retention = program
    .command('retention')
    .description('remove recovery points whose days are over: plan, read, apply');
  const plan = retention
    .command('plan')
    .description('say of each point whether it stays, and why; removes nothing')
    .option('--source <name>', 'only the points of this source system')
    .option('--out <file>', 'write the plan to this new file, for `retention apply`')
    .action((options: PlanOptions) => execute((context) => planRetention(context, options)));
  withExamples(withConnectionOptions(plan), ['backupctl retention plan --out plan.json']);

  const apply = retention
    .command('apply')
    .description('remove the points that a plan names, if all of it still holds')
    .requiredOption('--plan <file>', 'file of `retention plan --out`')
    .action((options: ApplyOptions) => execute((context) => applyRetention(context, options)));
  withExamples(withConnectionOptions(apply), ['backupctl retention apply --plan plan.json']);
}

async function planRetention(context: CommandContext, options: PlanOptions): Promise<void> {
  const { output } = context;
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('plan_retention', options.source === undefined ? {} : { source_system: options.source }),
  );
  if (options.out !== undefined) await createFile(options.out, `${JSON.stringify(answer.plan, null, 2)}\n`);
  output.object(answer);
  writePlan(output, answer.plan);
  if (options.out !== undefined) output.line(`Apply it with: backupctl retention apply --plan ${options.out}`);
}

async function applyRetention(context: CommandContext, options: ApplyOptions): Promise<void> {
  const { output } = context;
  const plan = validateRequest(retentionPlan, parseJson(options.plan, await readTextFile(options.plan)));
  writePlan(output, plan);
  const answer = await withPlatform(context, options, (platform) => platform.orchestrator('apply_retention', { plan }));
  output.object(answer);
  output.line(
    answer.removed.length === 0
      ? 'Nothing was removed.'
      : `Removed ${formatCounted(answer.removed.length, 'point')}: ${answer.removed.join(', ')}.`,
  );
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlatformError('REQUEST_INVALID', `${path} is not JSON`, { cause: error });
  }
}

function writePlan(output: Output, plan: RetentionPlan): void {
  const removed = plan.decisions.filter(({ keep }) => !keep).length;
  output.line(
    `Plan of ${formatTime(plan.planned_at)}: ${formatCounted(plan.decisions.length - removed, 'point')} stay, ${removed} to be removed.`,
  );
  if (plan.decisions.length === 0) return;
  output.table({
    columns: [
      { title: 'backup' },
      { title: 'source' },
      { title: 'created' },
      { title: 'decision' },
      { title: 'reason' },
    ],
    rows: plan.decisions.map((decision) => [
      decision.backup_id,
      decision.source_system,
      formatTime(decision.created_at),
      decision.keep ? 'keep' : { text: 'remove', tone: 'bad' },
      decision.reason,
    ]),
  });
}
