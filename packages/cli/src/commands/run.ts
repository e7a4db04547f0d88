import { backupType, type BackupType } from '@enterprise-backup/contracts/catalog';
import { Option, type Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { findPoint } from '../platform/find-point.ts';
import { writeJob } from '../views/job-view.ts';
import { writePoint } from '../views/point-view.ts';
import { assertJobCompleted, watchJob } from '../watch/watch-job.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';

interface RunOptions extends ConnectionOptions {
  readonly type: BackupType;
  readonly jobName?: string;
  readonly retentionDays: number;
  readonly requestId?: string;
  readonly watch?: boolean;
}

/** Adds `backupctl run`. */
export function addRun(program: Command, execute: Execute): void {
  const command = program
    .command('run')
    .description('start a backup of a source system now')
    .argument('<source>', 'name of a registered source system')
    .addOption(
      new Option('--type <type>', 'what is compared and read').choices(backupType.options).default('incremental'),
    )
    .option('--job-name <name>', 'name of the job (default: made from the source and the type)')
    .addOption(
      new Option('--retention-days <days>', 'keep the point so long').argParser(wholeNumber(1, 36_500)).default(30),
    )
    .option('--request-id <id>', 'the same id again starts nothing and shows the job of the first time')
    .option('--watch', 'show the progress until the job has ended')
    .action((source: string, options: RunOptions) => execute((context) => runBackup(context, source, options)));
  withExamples(withConnectionOptions(command), [
    'backupctl run this-checkout --watch',
    'backupctl run this-checkout --type full --retention-days 365',
  ]);
}

async function runBackup(context: CommandContext, source: string, options: RunOptions): Promise<void> {
  const { output } = context;
  await withPlatform(context, options, async (platform) => {
    const { job } = await platform.orchestrator('start_backup', {
      source_system: source,
      backup_type: options.type,
      retention_days: options.retentionDays,
      ...(options.jobName === undefined ? {} : { job_name: options.jobName }),
      ...(options.requestId === undefined ? {} : { request_id: options.requestId }),
    });
    if (options.watch !== true) {
      output.object({ job });
      writeJob(output, job);
      output.line(`Follow it with: backupctl job ${job.backup_id} --watch`);
      return;
    }
    const ended = await watchJob(context, platform, job.backup_id, `${options.type} backup`);
    const point = ended.status === 'completed' ? await findPoint(platform, ended.source_system, ended.backup_id) : null;
    output.object({ job: ended, point });
    if (point === null) writeJob(output, ended);
    else writePoint(output, point);
    assertJobCompleted(ended);
  });
}
