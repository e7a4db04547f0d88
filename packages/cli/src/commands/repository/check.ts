import { PlatformError } from '@enterprise-backup/contracts/errors';
import { check, type CheckOutcome } from '@enterprise-backup/repository/check';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../../command-context.ts';
import { formatCounted } from '../../format/count.ts';
import { withEngineProgress } from '../../progress/engine-progress.ts';
import { writeCheckOutcome } from '../../views/check-view.ts';
import { withExamples } from '../examples.ts';
import { openNamedRepository, withRepositoryOptions, type RepositoryOptions } from './repository-options.ts';

interface CheckOptions extends RepositoryOptions {
  readonly readData?: boolean;
}

/** Adds `backupctl repository check`. */
export function addCheck(parent: Command, execute: Execute): void {
  const command = parent
    .command('check')
    .description('find out whether everything that the snapshots need is there and right')
    .option('--read-data', 'read all data too, and compare it with its hashes')
    .action((options: CheckOptions) => execute((context) => runCheck(context, options)));
  withExamples(withRepositoryOptions(command), [
    'backupctl repository check --read-data --repository /var/backups/documents --password-file password.txt',
  ]);
}

async function runCheck(context: CommandContext, options: CheckOptions): Promise<void> {
  const { output, signal } = context;
  const repository = await openNamedRepository(options, context.clock);
  const outcome = await withEngineProgress(context, 'check', (onProgress) =>
    check(repository, { readData: options.readData ?? false, onProgress, signal }),
  );
  output.object({ check: outcome });
  writeCheckOutcome(output, outcome);
  assertNoErrors(outcome);
}

/** Throws FINDINGS when a check has found anything that is not harmless. */
export function assertNoErrors(outcome: CheckOutcome): void {
  const errors = outcome.findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) throw new PlatformError('FINDINGS', `the check has ${formatCounted(errors, 'finding')} of damage`);
}
