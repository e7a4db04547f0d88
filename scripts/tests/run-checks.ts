import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { runProgram } from './run-program.ts';

/** The checks that are no tests, by the npm script and turbo task of each, in the order in which they are reported. */
const CHECKS = ['format', 'lint', 'types', 'directions'];

interface RunSummary {
  readonly tasks: readonly { readonly task: string; readonly execution?: { readonly exitCode?: number } }[];
}

/** Turbo stays on this machine: no telemetry, no look for a newer version, no remote cache. */
const TURBO_ENVIRONMENT = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

/**
 * The counts of a turbo run: one for each check, passed only where the summary says that its command ended with exit code
 * 0, in this run or in the cached one that it repeats.
 */
export const countChecks = (summary: RunSummary | undefined): Counts & { readonly failedChecks: readonly string[] } => {
  const failedChecks = CHECKS.filter(
    (check) => summary?.tasks.find(({ task }) => task === check)?.execution?.exitCode !== 0,
  );
  return { passed: CHECKS.length - failedChecks.length, failed: failedChecks.length, skipped: 0, failedChecks };
};

/**
 * Runs the checks with turbo, which repeats the result of one whose files have not changed. All run even if one fails.
 *
 * @param root absolute path of the checkout
 */
export const runChecks = async (root: string): Promise<ReturnType<typeof countChecks>> => {
  const summaries = join(root, '.turbo', 'runs');
  rmSync(summaries, { recursive: true, force: true });
  await runProgram(
    'turbo',
    [
      'run',
      ...CHECKS,
      '--continue=always',
      '--concurrency=2',
      '--summarize',
      '--output-logs=errors-only',
      '--log-order=grouped',
      '--no-color',
    ],
    TURBO_ENVIRONMENT,
  );
  const path = globSync(join(summaries, '*.json')).at(0);
  return countChecks(path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as RunSummary));
};
