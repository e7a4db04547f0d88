import { backupType, type BackupType } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { Option, type Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { formatAge, formatTime } from '../format/time.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writeSchedules } from '../views/schedule-view.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';

interface AddScheduleOptions extends ConnectionOptions {
  readonly source: string;
  readonly cron: string;
  readonly type: BackupType;
  readonly timeZone: string;
  readonly retentionDays: number;
  readonly disabled?: boolean;
}

interface PreviewOptions extends ConnectionOptions {
  readonly cron?: string;
  readonly timeZone: string;
  readonly count: number;
}

const idArgument = ['<schedule-id>', 'such as schedule-2'] as const;
const cronHelp = 'minute, hour, day of month, month, day of week';

/** Adds `backupctl schedules`. */
export function addSchedules(program: Command, execute: Execute): void {
  const schedules = program.command('schedules').description('list, make and change what runs by itself');
  const list = schedules
    .command('list', { isDefault: true })
    .description('list the schedules')
    .action((options: ConnectionOptions) => execute((context) => listSchedules(context, options)));
  withExamples(withConnectionOptions(list), ['backupctl schedules list']);

  const add = schedules
    .command('add')
    .description('make a schedule')
    .argument('<job-name>', 'name of the schedule and of its jobs')
    .requiredOption('--source <name>', 'name of a registered source system')
    .requiredOption('--cron <expression>', cronHelp)
    .addOption(new Option('--type <type>', 'type of its backups').choices(backupType.options).default('incremental'))
    .option('--time-zone <name>', 'in which the expression is meant', 'UTC')
    .addOption(
      new Option('--retention-days <days>', 'keep its points so long').argParser(wholeNumber(1, 36_500)).default(30),
    )
    .option('--disabled', 'make it, and let it run only when it is enabled')
    .action((name: string, options: AddScheduleOptions) => execute((context) => addSchedule(context, name, options)));
  withExamples(withConnectionOptions(add), [
    "backupctl schedules add nightly --source this-checkout --cron '30 2 * * *' --time-zone Europe/Berlin",
    "backupctl schedules add weekly --source this-checkout --cron '0 4 * * 0' --type full --retention-days 365",
  ]);

  for (const [name, enabled] of [['enable', true] as const, ['disable', false] as const]) {
    const command = schedules
      .command(name)
      .description(enabled ? 'let a schedule run' : 'let a schedule rest')
      .argument(...idArgument)
      .action((id: string, options: ConnectionOptions) =>
        execute((context) => setEnabled(context, id, enabled, options)),
      );
    withExamples(withConnectionOptions(command), [`backupctl schedules ${name} schedule-1`]);
  }

  const remove = schedules
    .command('remove')
    .description('remove a schedule; its jobs and points stay')
    .argument(...idArgument)
    .action((id: string, options: ConnectionOptions) => execute((context) => removeSchedule(context, id, options)));
  withExamples(withConnectionOptions(remove), ['backupctl schedules remove schedule-1']);

  const preview = schedules
    .command('preview')
    .description('show the next due times of a schedule, or of an expression')
    .argument('[schedule-id]', 'such as schedule-2')
    .option('--cron <expression>', cronHelp)
    .option('--time-zone <name>', 'in which the expression is meant', 'UTC')
    .addOption(new Option('--count <count>', 'so many').argParser(wholeNumber(1, 100)).default(5))
    .action((id: string | undefined, options: PreviewOptions) =>
      execute((context) => previewSchedule(context, id, options)),
    );
  withExamples(withConnectionOptions(preview), [
    'backupctl schedules preview schedule-1',
    "backupctl schedules preview --cron '30 2 * * *' --time-zone Europe/Berlin",
  ]);
}

async function listSchedules(context: CommandContext, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) => platform.orchestrator('list_schedules', {}));
  context.output.object(answer);
  writeSchedules(context.output, answer.schedules, context.clock.now());
}

async function addSchedule(context: CommandContext, name: string, options: AddScheduleOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('create_schedule', {
      job_name: name,
      source_system: options.source,
      backup_type: options.type,
      cron_expression: options.cron,
      time_zone: options.timeZone,
      retention_days: options.retentionDays,
      enabled: options.disabled !== true,
    }),
  );
  context.output.object(answer);
  writeSchedules(context.output, [answer.schedule], context.clock.now());
}

async function setEnabled(
  context: CommandContext,
  id: string,
  enabled: boolean,
  options: ConnectionOptions,
): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('update_schedule', { schedule_id: id, enabled }),
  );
  context.output.object(answer);
  writeSchedules(context.output, [answer.schedule], context.clock.now());
}

async function removeSchedule(context: CommandContext, id: string, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('delete_schedule', { schedule_id: id }),
  );
  context.output.object(answer);
  context.output.line(`Removed ${answer.schedule_id}. Its jobs and points stay.`);
}

async function previewSchedule(
  context: CommandContext,
  id: string | undefined,
  options: PreviewOptions,
): Promise<void> {
  if ((id === undefined) === (options.cron === undefined)) {
    throw new PlatformError('CLI_USAGE', 'give either the id of a schedule or an expression with --cron');
  }
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('preview_schedule', {
      count: options.count,
      ...(id === undefined ? {} : { schedule_id: id }),
      ...(options.cron === undefined ? {} : { cron_expression: options.cron, time_zone: options.timeZone }),
    }),
  );
  context.output.object(answer);
  for (const due of answer.due_at) context.output.line(`${formatTime(due)}  ${formatAge(due, context.clock.now())}`);
}
