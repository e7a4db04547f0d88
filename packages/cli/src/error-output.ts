import { toErrorReport, type PlatformError } from '@enterprise-backup/contracts/errors';
import { inspect } from 'node:util';
import { safeLines } from './format/safe-text.ts';
import { paint } from './output/tone.ts';
import type { OutputStreams } from './output/output.ts';

/**
 * Shows an error: for persons two lines on stderr, the code with its sentence and the hint; with --json one object on
 * stdout. The stack is shown only on request, since it helps those who mend the platform and hides the sentence from all
 * others.
 */
export function writeError(
  error: PlatformError,
  streams: OutputStreams,
  options: { readonly json: boolean; readonly debug: boolean },
): void {
  const { stdout, stderr } = streams;
  if (options.json) stdout.write(`${JSON.stringify({ error: toErrorReport(error) })}\n`);
  else {
    stderr.write(`${paint('bad', `error ${error.code}:`, stderr)} ${safeLines(error.message)}\n`);
    stderr.write(`${paint('weak', 'hint:', stderr)} ${error.hint}\n`);
  }
  if (options.debug) stderr.write(`${inspect(error)}\n`);
}
