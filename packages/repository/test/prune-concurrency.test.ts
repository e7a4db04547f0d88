import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { openRepository } from '../src/open-repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { SeededNumbers } from './random-history.ts';

/** Repeats what others forbid for a moment, as an agent does. */
async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const passes = ['REPOSITORY_LOCKED', 'PLAN_STALE'];
      if (!(error instanceof PlatformError) || !passes.includes(error.code)) throw error;
    }
  }
}

it.each(['one', 'two'])('two agents back up and forget while prune runs without a pause: seed %s', async (seed) => {
  const folder = temporaryDirectoryForTest('prune-concurrency');
  const { storage } = await newCheapRepository(folder);
  const open = () => openRepository(openStorage(storage.location), password, systemClock);
  const numbers = new SeededNumbers(seed);
  // The agents share content, so that each counts on what the other stored, and on what was forgotten.
  const contents = Array.from({ length: 12 }, () => numbers.bytes(20_000));
  let working = 2;
  const agent = async (name: string): Promise<void> => {
    const repository = await open();
    const source = join(folder, name);
    mkdirSync(source);
    for (let round = 0; round < 4; round += 1) {
      for (const file of ['a', 'b', 'c', 'd']) writeFileSync(join(source, file), numbers.pick(contents));
      const { snapshot_id } = await persistently(() => backup(repository, { source, parent: null }));
      if (round < 3) await persistently(() => storage.delete('snapshots', snapshot_id));
    }
    working -= 1;
  };
  const pruner = async (): Promise<number> => {
    const repository = await open();
    let runs = 0;
    for (; working > 0; runs += 1) {
      const settings = { graceSeconds: 0, maxUnused: { percent: 0 } } as const;
      await persistently(async () => applyPrune(repository, await planPrune(repository, settings)));
    }
    return runs;
  };
  const [runs] = await Promise.all([pruner(), agent('first'), agent('second')]);
  expect(runs).toBeGreaterThan(0);
  const outcome = await check(await open(), { readData: true });
  expect(outcome.snapshots).toBe(2);
  expect(outcome.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});
