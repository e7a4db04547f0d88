import { expect, it } from 'vitest';
import { addCounts, closingLine } from './counts.ts';
import { countChecks } from './run-checks.ts';
import { countTests, type VitestReport } from './run-vitest.ts';

const file = (status: string, ...tests: string[]): VitestReport['testResults'][number] => ({
  name: 'some.test.ts',
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

it('counts tests by their outcome; what is skipped, pending or to do was not run', () => {
  const report = { testResults: [file('passed', 'passed', 'skipped', 'pending', 'todo'), file('failed', 'failed')] };
  expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 3 });
});

it('counts a file that could not be loaded as a failure', () => {
  expect(countTests({ testResults: [file('passed', 'passed'), file('failed')] }, 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

it('counts a file whose tests passed and whose hook threw as a failure', () => {
  expect(countTests({ testResults: [file('failed', 'passed')] }, 1).failed).toBe(1);
});

it('never reports success for a run that ended in failure or left no report', () => {
  expect(countTests({ testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
  expect(countTests(undefined, 0).failed).toBe(1);
});

it('counts each check once, and one without a result as failed', () => {
  const task = (name: string, exitCode: number) => ({ task: name, execution: { exitCode } });
  const summary = { tasks: [task('format', 0), task('lint', 1), task('types', 0), { task: 'directions' }] };
  expect(countChecks(summary)).toEqual({ passed: 2, failed: 2, skipped: 0, failedChecks: ['lint', 'directions'] });
  expect(countChecks(undefined).failed).toBe(4);
});

it('closes with the sums', () => {
  const counts = addCounts([
    { passed: 3, failed: 1, skipped: 0 },
    { passed: 4, failed: 0, skipped: 2 },
  ]);
  expect(closingLine(counts)).toBe('7 passed, 1 failed, 2 skipped');
});
