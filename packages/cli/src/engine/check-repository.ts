import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CheckOutcome, ReadSelection } from '@enterprise-backup/repository/check';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeCheckOutcome } from '../views/check-view.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

/** What a person may say to the command. */
export interface CheckOptions extends RepositoryOptions {
  readonly readData?: boolean;
  /** As restic's --read-data-subset takes it. */
  readonly readDataSubset?: string;
  /** In seconds. */
  readonly readDataWithin?: number;
  readonly stateFile?: string;
}

/** Checks a repository and tells what is found. Throws FINDINGS when something is not harmless, and what opening throws. */
export async function checkNamedRepository(context: CommandContext, options: CheckOptions): Promise<void> {
  const { output, signal } = context;
  const readData = await toSelection(options);
  const { stateFile } = options;
  const repository = await openNamedRepository(options, context.clock, async () => {
    if (readData === false) await loadEngine();
    else (await import('@enterprise-backup/repository/prepare-check')).prepareCheck();
  });
  const { check } = await loadEngine();
  const outcome = await withEngineProgress(context, 'check', (onProgress) =>
    check(repository, { readData, stateFile, onProgress, signal }),
  );
  output.object({ check: outcome });
  writeCheckOutcome(output, outcome);
  assertNoErrors(outcome);
}

const loadEngine = () => import('@enterprise-backup/repository/check');

async function toSelection({
  readData,
  readDataSubset,
  readDataWithin,
  stateFile,
}: CheckOptions): Promise<boolean | ReadSelection> {
  if (readDataWithin !== undefined) {
    if (stateFile === undefined) throw new PlatformError('CLI_USAGE', '--read-data-within needs --state-file');
    if (readDataWithin === 0) throw new PlatformError('CLI_USAGE', '--read-data-within must be longer than nothing');
    return { kind: 'period', seconds: readDataWithin };
  }
  if (readDataSubset === undefined) return readData ?? false;
  const { parseReadSelection } = await loadEngine();
  const selection = parseReadSelection(readDataSubset);
  if (selection !== null) return selection;
  throw new PlatformError('CLI_USAGE', `--read-data-subset ${readDataSubset} is no part, share or size`);
}

/** Throws FINDINGS when a check has found anything that is not harmless. */
export function assertNoErrors(outcome: CheckOutcome): void {
  const errors = outcome.findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) throw new PlatformError('FINDINGS', `the check has ${formatCounted(errors, 'finding')} of damage`);
}
