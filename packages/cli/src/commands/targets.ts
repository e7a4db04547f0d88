import type { TargetSystem } from '@enterprise-backup/contracts/systems';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';
import { absolute } from './option-values.ts';

interface AddTargetOptions extends ConnectionOptions {
  readonly path: string;
}

/** Adds `backupctl targets`. */
export function addTargets(program: Command, execute: Execute): void {
  const targets = program.command('targets').description('list and register where recoveries go');
  const list = targets
    .command('list', { isDefault: true })
    .description('list the registered target systems')
    .action((options: ConnectionOptions) => execute((context) => listTargets(context, options)));
  withExamples(withConnectionOptions(list), ['backupctl targets list']);

  const add = targets
    .command('add')
    .description('register a target system, or change the one with this name')
    .argument('<name>', 'name of the target system')
    .requiredOption('--path <folder>', 'the folder on the machine of the agent; its parent must exist', absolute)
    .action((name: string, options: AddTargetOptions) => execute((context) => addTarget(context, name, options)));
  withExamples(withConnectionOptions(add), ['backupctl targets add prod-db-02 --path /srv/recovered']);
}

async function listTargets(context: CommandContext, options: ConnectionOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) => platform.orchestrator('list_targets', {}));
  context.output.object(answer);
  writeTargets(context.output, answer.targets);
}

async function addTarget(context: CommandContext, name: string, options: AddTargetOptions): Promise<void> {
  const answer = await withPlatform(context, options, (platform) =>
    platform.orchestrator('register_target', {
      target_system: name,
      settings: { kind: 'filesystem', path: options.path },
    }),
  );
  context.output.object(answer);
  writeTargets(context.output, [answer.target]);
}

function writeTargets(output: Output, targets: readonly TargetSystem[]): void {
  if (targets.length === 0) {
    output.line('No target systems.');
    return;
  }
  output.table({
    columns: [{ title: 'target' }, { title: 'kind' }, { title: 'path' }, { title: 'created' }],
    rows: targets.map(({ target_system, settings, created_at }) => [
      target_system,
      settings.kind,
      settings.path,
      formatTime(created_at),
    ]),
  });
}
