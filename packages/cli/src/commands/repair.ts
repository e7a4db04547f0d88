import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { IndexCommandOptions, PacksCommandOptions, SnapshotsCommandOptions } from '../engine/repair-repository.ts';
import { withExamples } from './examples.ts';
import { onDocuments, withWriterOptions } from './repository-options.ts';

/** Adds `backupctl repository repair`. The engine is loaded only when it runs. */
export function addRepair(parent: Command, execute: Execute): void {
  const repair = parent
    .command('repair')
    .description('mend a repository with what is left of it: index, then packs, then snapshots');
  addIndex(repair, execute);
  addPacks(repair, execute);
  addSnapshots(repair, execute);
}

function addIndex(repair: Command, execute: Execute): void {
  const command = repair
    .command('index')
    .description('plan how to make the index from the packs, and with --apply make it')
    .option('--read-all-packs', 'trust no index file: read the header of every pack')
    .action((options: IndexCommandOptions) =>
      execute(async (context) => {
        const { repairIndexOf } = await import('../engine/repair-repository.ts');
        await repairIndexOf(context, options);
      }),
    );
  withExamples(withWriterOptions(withPlanOptions(command)), [
    `backupctl repository repair index ${onDocuments}`,
    `backupctl repository repair index --apply ${onDocuments}`,
  ]);
}

function addPacks(repair: Command, execute: Execute): void {
  const command = repair
    .command('packs')
    .description('plan how to save what is whole in damaged packs, and with --apply save it')
    .argument('[pack...]', 'ids of packs, 64 digits (default: looks for damaged ones)')
    .option('--read-data', 'read all data to find damage; otherwise sizes and folders')
    .action((packs: string[], options: PacksCommandOptions) =>
      execute(async (context) => {
        const { repairPacksOf } = await import('../engine/repair-repository.ts');
        await repairPacksOf(context, packs, options);
      }),
    );
  withExamples(withWriterOptions(withPlanOptions(command)), [
    `backupctl repository repair packs --read-data --plan packs.json ${onDocuments}`,
    `backupctl repository repair packs --apply --plan packs.json ${onDocuments}`,
  ]);
}

function addSnapshots(repair: Command, execute: Execute): void {
  const command = repair
    .command('snapshots')
    .description('plan snapshots without what is lost, and with --apply store them')
    .argument('[snapshot...]', 'ids or their first digits (default: all)')
    .option('--remove-damaged', 'remove the damaged ones once the others are stored, and files that cannot be read')
    .action((snapshots: string[], options: SnapshotsCommandOptions) =>
      execute(async (context) => {
        const { repairSnapshotsOf } = await import('../engine/repair-repository.ts');
        await repairSnapshotsOf(context, snapshots, options);
      }),
    );
  withExamples(withWriterOptions(withPlanOptions(command)), [
    `backupctl repository repair snapshots ${onDocuments}`,
    `backupctl repository repair snapshots --remove-damaged --apply ${onDocuments}`,
  ]);
}

/** Adds the options of a command that plans first and applies only a plan. */
function withPlanOptions(command: Command): Command {
  return command
    .option('--plan <file>', 'write the plan to this new file; with --apply, apply the plan in this file')
    .option('--apply', 'do what the plan says');
}
