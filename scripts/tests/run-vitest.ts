import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { runProgram } from './run-program.ts';

/** What is read of the report that vitest's json reporter writes. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * The counts of a vitest run. A file that failed without a failed test (it could not be loaded, or a hook threw), an
 * error outside any file (`exitCode` is not 0 and nothing failed) and a report that is missing count as one failure each.
 */
export const countTests = (report: VitestReport | undefined, exitCode: number): Counts => {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const statuses = report.testResults.flatMap((file) => file.assertionResults.map((test) => test.status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failedTests = statuses.filter((status) => status === 'failed').length;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return {
    passed,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: statuses.length - passed - failedTests,
  };
};

/**
 * Runs the tests of all packages, or those in the files that `filters` name.
 *
 * @param filters parts of file paths, as vitest takes them; none for all
 */
export const runVitest = async (filters: readonly string[]): Promise<Counts> => {
  const folder = mkdtempSync(join(tmpdir(), 'vitest-report-'));
  const reportPath = join(folder, 'report.json');
  try {
    const exitCode = await runProgram('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
      ...filters,
    ]);
    const report = existsSync(reportPath) ? (JSON.parse(readFileSync(reportPath, 'utf8')) as VitestReport) : undefined;
    return countTests(report, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
