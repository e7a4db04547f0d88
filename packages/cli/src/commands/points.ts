import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writePoint, writePoints } from '../views/point-view.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { limitOption } from './limit-option.ts';

interface PointsOptions extends ConnectionOptions {
  readonly source?: string;
  readonly limit: number;
}

interface HoldOptions extends ConnectionOptions {
  readonly reason: string;
}

/** Adds `backupctl points`, `backupctl hold` and `backupctl release`. */
export function addPoints(program: Command, execute: Execute): void {
  const list = program
    .command('points')
    .description('list recovery points, newest first')
    .option('--source <name>', 'only those of this source system')
    .addOption(limitOption())
    .action((options: PointsOptions) => execute((context) => listPoints(context, options)));
  withExamples(withConnectionOptions(list), ['backupctl points', 'backupctl points --source this-checkout --json']);

  const hold = program
    .command('hold')
    .description('keep a recovery point whatever its retention, until it is released')
    .argument('<backup-id>', 'such as backup-123')
    .requiredOption('--reason <text>', 'why, for those who find the hold')
    .action((id: string, options: HoldOptions) => execute((context) => holdPoint(context, id, options)));
  withExamples(withConnectionOptions(hold), ["backupctl hold backup-1 --reason 'audit of 2026'"]);

  const release = program
    .command('release')
    .description('release a recovery point that is held')
    .argument('<backup-id>', 'such as backup-123')
    .action((id: string, options: ConnectionOptions) => execute((context) => releasePoint(context, id, options)));
  withExamples(withConnectionOptions(release), ['backupctl release backup-1']);
}

async function listPoints(context: CommandContext, options: PointsOptions): Promise<void> {
  const { source, limit } = options;
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('list_points', { limit, ...(source === undefined ? {} : { source_system: source }) }),
  );
  context.output.object(answer);
  writePoints(context.output, answer.points, context.clock.now());
}

async function holdPoint(context: CommandContext, id: string, options: HoldOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('hold_point', { backup_id: id, reason: options.reason }),
  );
  context.output.object(answer);
  writePoint(context.output, answer.point);
}

async function releasePoint(context: CommandContext, id: string, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('release_point', { backup_id: id }),
  );
  context.output.object(answer);
  writePoint(context.output, answer.point);
}
