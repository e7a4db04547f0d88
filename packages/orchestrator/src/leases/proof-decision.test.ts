import type { RecoveryResult, VerifyResult } from '@enterprise-backup/contracts/tasks';
import { describe, expect, it } from 'vitest';
import { recoveryProves, verificationProves } from './proof-decision.ts';

const result: RecoveryResult = {
  kind: 'recovery',
  dry_run: false,
  files_total: 3,
  bytes_total: 300,
  files_written: 2,
  bytes_written: 200,
  files_unchanged: 1,
  files_verified: 3,
  bytes_verified: 300,
  skipped_count: 1,
  skipped: [],
  duration_seconds: 2,
};
const whole = { include: [], dry_run: false };

describe('a recovery proves its point', () => {
  it('when all of it was recovered and verified', () => {
    expect(recoveryProves(whole, result)).toBe(true);
  });

  it.each([
    ['a plan', { ...whole, dry_run: true }, { ...result, dry_run: true }],
    ['a part', { ...whole, include: ['*.conf'] }, result],
    ['one with a file that was not verified', whole, { ...result, files_verified: 2 }],
    ['one with bytes that were not verified', whole, { ...result, bytes_verified: 299 }],
  ])('but not %s', (_, task, outcome) => {
    expect(recoveryProves(task, outcome)).toBe(false);
  });
});

describe('a verification proves its point', () => {
  const verified: VerifyResult = {
    kind: 'verify',
    files_verified: 3,
    bytes_verified: 300,
    mismatch_count: 0,
    mismatches: [],
    duration_seconds: 1,
  };

  it('when it found all that was recovered', () => {
    expect(verificationProves(whole, result, verified)).toBe(true);
  });

  it.each([
    ['a part', { include: ['a'] }, result, verified],
    ['one with a mismatch', whole, result, { ...verified, mismatch_count: 1 }],
    ['one that saw fewer files', whole, result, { ...verified, files_verified: 2 }],
    ['one of a recovery without evidence', whole, null, verified],
  ])('but not %s', (_, task, recovery, outcome) => {
    expect(verificationProves(task, recovery, outcome)).toBe(false);
  });
});
