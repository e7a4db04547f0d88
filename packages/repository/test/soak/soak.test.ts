import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { seed } from '../run-length.ts';
import { useConcurrently } from './concurrent-use.ts';

it('four agents, prune and a stock restic use one repository, and nothing is lost', { timeout: 600_000 }, async () => {
  const outcome = await useConcurrently(temporaryDirectoryForTest('soak'), seed, 2);
  expect(outcome.faults, `SEED=${seed}`).toEqual([]);
  expect(outcome.points).toBeGreaterThanOrEqual(4);
});
