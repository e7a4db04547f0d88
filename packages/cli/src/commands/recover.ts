import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writeRecovery } from '../views/recovery-view.ts';
import { assertRecoveryCompleted, watchRecovery } from '../watch/watch-recovery.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { collect } from './option-values.ts';

interface RecoverOptions extends ConnectionOptions {
  readonly target: string;
  readonly include?: readonly string[];
  readonly requestId?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

/** Adds `backupctl recover`. */
export function addRecover(program: Command, execute: Execute): void {
  const command = program
    .command('recover')
    .description('restore a recovery point into a target system')
    .argument('<backup-id>', 'such as backup-123')
    .requiredOption('--target <name>', 'name of a registered target system')
    .option(
      '--include <pattern>',
      'only what matches, as in .gitignore, relative to the protected folder; repeatable',
      collect,
    )
    .option('--dry-run', 'write nothing, find out what would be written')
    .option('--request-id <id>', 'the same id again starts nothing and shows the recovery of the first time')
    .option('--watch', 'show the progress until the recovery has ended')
    .action((id: string, options: RecoverOptions) => execute((context) => recover(context, id, options)));
  withExamples(withConnectionOptions(command), [
    'backupctl recover backup-1 --target prod-db-01 --watch',
    'backupctl recover backup-1 --target prod-db-01 --dry-run --watch',
    "backupctl recover backup-1 --target prod-db-01 --include '*.json' --include docs/",
  ]);
}

async function recover(context: CommandContext, id: string, options: RecoverOptions): Promise<void> {
  const { output } = context;
  await withPlatform(context, options, async (platform) => {
    const { recovery } = await platform.recovery(options.dryRun === true ? 'plan' : 'start', {
      backup_id: id,
      target_system: options.target,
      include: [...(options.include ?? [])],
      ...(options.requestId === undefined ? {} : { request_id: options.requestId }),
    });
    if (options.watch !== true) {
      output.object({ recovery });
      writeRecovery(output, recovery);
      output.line(`Follow it with: backupctl recovery ${recovery.recovery_id} --watch`);
      return;
    }
    const ended = await watchRecovery(context, platform, recovery.recovery_id, recovery.recovery_id);
    output.object({ recovery: ended });
    writeRecovery(output, ended);
    assertRecoveryCompleted(ended);
  });
}
