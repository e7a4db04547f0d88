import { taskStatus, type TaskStatus } from '@enterprise-backup/contracts/catalog';
import { Option, type Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writeRecoveries, writeRecovery } from '../views/recovery-view.ts';
import { assertRecoveryCompleted, watchRecovery } from '../watch/watch-recovery.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { limitOption } from './limit-option.ts';

interface RecoveriesOptions extends ConnectionOptions {
  readonly status?: TaskStatus;
  readonly limit: number;
}

interface RecoveryOptions extends ConnectionOptions {
  readonly watch?: boolean;
}

const idArgument = ['<recovery-id>', 'such as recovery-45'] as const;

/** Adds `backupctl recoveries`, `backupctl recovery` and `backupctl cancel`. */
export function addRecoveries(program: Command, execute: Execute): void {
  const list = program
    .command('recoveries')
    .description('list recoveries, newest first')
    .addOption(new Option('--status <status>', 'only those with this status').choices(taskStatus.options))
    .addOption(limitOption())
    .action((options: RecoveriesOptions) => execute((context) => listRecoveries(context, options)));
  withExamples(withConnectionOptions(list), ['backupctl recoveries', 'backupctl recoveries --status running']);

  const one = program
    .command('recovery')
    .description('show one recovery and how far it is')
    .argument(...idArgument)
    .option('--watch', 'show its progress until it has ended')
    .action((id: string, options: RecoveryOptions) => execute((context) => showRecovery(context, id, options)));
  withExamples(withConnectionOptions(one), ['backupctl recovery recovery-1', 'backupctl recovery recovery-1 --watch']);

  const cancel = program
    .command('cancel')
    .description('stop a recovery that has not ended; what it has written stays')
    .argument(...idArgument)
    .action((id: string, options: ConnectionOptions) => execute((context) => cancelRecovery(context, id, options)));
  withExamples(withConnectionOptions(cancel), ['backupctl cancel recovery-1']);
}

async function listRecoveries(context: CommandContext, options: RecoveriesOptions): Promise<void> {
  const { status, limit } = options;
  const answer = await withPlatform(context, options, (platform) =>
    platform.recovery('list', { limit, ...(status === undefined ? {} : { status }) }),
  );
  context.output.object(answer);
  writeRecoveries(context.output, answer.recoveries);
}

async function showRecovery(context: CommandContext, id: string, options: RecoveryOptions): Promise<void> {
  await withPlatform(context, options, async (platform) => {
    const recovery =
      options.watch === true
        ? await watchRecovery(context, platform, id, id)
        : (await platform.recovery('progress', { recovery_id: id })).recovery;
    context.output.object({ recovery });
    writeRecovery(context.output, recovery);
    if (options.watch === true) assertRecoveryCompleted(recovery);
  });
}

async function cancelRecovery(context: CommandContext, id: string, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) => platform.recovery('cancel', { recovery_id: id }));
  context.output.object(answer);
  writeRecovery(context.output, answer.recovery);
}
