import type { JobStatus } from '@enterprise-backup/contracts/catalog';
import { jobStatus } from '@enterprise-backup/contracts/catalog';
import { Option, type Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writeJob, writeJobs } from '../views/job-view.ts';
import { assertJobCompleted, watchJob } from '../watch/watch-job.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { limitOption } from './limit-option.ts';

interface JobsOptions extends ConnectionOptions {
  readonly source?: string;
  readonly status?: JobStatus;
  readonly limit: number;
}

interface JobOptions extends ConnectionOptions {
  readonly watch?: boolean;
}

/** Adds `backupctl jobs` and `backupctl job`. */
export function addJobs(program: Command, execute: Execute): void {
  const list = program
    .command('jobs')
    .description('list jobs, newest first')
    .option('--source <name>', 'only those of this source system')
    .addOption(new Option('--status <status>', 'only those with this status').choices(jobStatus.options))
    .addOption(limitOption())
    .action((options: JobsOptions) => execute((context) => listJobs(context, options)));
  withExamples(withConnectionOptions(list), [
    'backupctl jobs',
    'backupctl jobs --source this-checkout --status failed',
  ]);

  const one = program
    .command('job')
    .description('show one job')
    .argument('<backup-id>', 'such as backup-123')
    .option('--watch', 'show its progress until it has ended')
    .action((id: string, options: JobOptions) => execute((context) => showJob(context, id, options)));
  withExamples(withConnectionOptions(one), ['backupctl job backup-1', 'backupctl job backup-1 --watch']);
}

async function listJobs(context: CommandContext, options: JobsOptions): Promise<void> {
  const { source, status, limit } = options;
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('list_jobs', {
      limit,
      ...(source === undefined ? {} : { source_system: source }),
      ...(status === undefined ? {} : { status }),
    }),
  );
  context.output.object(answer);
  writeJobs(context.output, answer.jobs);
}

async function showJob(context: CommandContext, id: string, options: JobOptions): Promise<void> {
  await withPlatform(context, options, async (platform) => {
    const job =
      options.watch === true
        ? await watchJob(context, platform, id, id)
        : (await platform.orchestrator('get_job', { backup_id: id })).job;
    context.output.object({ job });
    writeJob(context.output, job);
    if (options.watch === true) assertJobCompleted(job);
  });
}
