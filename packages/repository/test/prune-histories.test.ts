import { join } from 'node:path';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, describe, expect, it } from 'vitest';
import type { BlobId } from '../src/format/blob.ts';
import { decodeIndexFile, decodeIndexFileWithMarks, encodeIndexFile } from '../src/format/index-file.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { openRepository } from '../src/open-repository.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { RandomHistory } from './random-history.ts';
import { runRestic } from './stock-restic.ts';

const hour = 3600;
const histories = 8;
const rounds = 6;

/** What may happen to a repository between two runs of prune. */
async function disturb(history: RandomHistory): Promise<string> {
  const { repository, numbers } = history;
  const { storage } = repository;
  switch (numbers.next(8)) {
    case 0:
    case 1:
    case 2: {
      await history.addSnapshot();
      return 'snapshot';
    }
    case 3: {
      const snapshots = await repository.listNames('snapshots');
      if (snapshots.length > 0) await storage.delete('snapshots', numbers.pick(snapshots));
      return 'forget';
    }
    case 4: {
      const known = history.data;
      if (known.length > 0) await history.store(Array.from({ length: 5 }, () => numbers.pick(known)));
      return 'duplicates';
    }
    case 5: {
      const known = history.data;
      if (known.length > 0) await history.store([numbers.pick(known)], { indexed: false });
      return 'pack without index';
    }
    case 6: {
      const files = await repository.listNames('index');
      if (files.length === 0) return 'nothing';
      const packs = decodeIndexFile(await repository.loadUnpacked('index', numbers.pick(files))) ?? [];
      if (packs.length > 0) await repository.saveUnpacked('index', encodeIndexFile(packs));
      return 'pack in two index files';
    }
    default: {
      // A machine that slept over its lock: its snapshot appears when the data that it counted on may be marked already.
      const known = await storedData(history);
      if (known.length > 0) await history.addSnapshot({ reused: [numbers.pick(known)], fresh: 1 });
      return 'late snapshot';
    }
  }
}

/** Data in packs that are stored and listed or marked. */
async function storedData({ repository }: RandomHistory): Promise<BlobId[]> {
  const packs = new Set(await repository.listNames('data'));
  const ids = new Set<BlobId>();
  for (const name of await repository.listNames('index')) {
    const file = decodeIndexFileWithMarks(await repository.loadUnpacked('index', name));
    for (const pack of [...(file?.packs ?? []), ...(file?.marked ?? [])]) {
      if (!packs.has(pack.id)) continue;
      for (const { type, id } of pack.blobs) if (type === 'data') ids.add(id);
    }
  }
  return [...ids];
}

const directory = temporaryDirectory('prune-histories');

afterAll(() => {
  directory.remove();
});

// Concurrent, because most of the time goes into the waits of the lock's protocol.
describe.concurrent('prune over random histories', () => {
  it.each(Array.from({ length: histories }, (_, number) => `history ${number}`))('%s', async (seed) => {
    const clock = setClock('2026-11-01T00:00:00Z');
    const made = await newCheapRepository(join(directory.path, seed));
    const repository = await openRepository(made.storage, password, clock);
    const history = new RandomHistory(repository, seed);
    const { numbers } = history;
    await history.addSnapshot({ fresh: 5 });
    for (let round = 0; round < rounds; round += 1) {
      const steps = [];
      for (let step = numbers.next(5); step >= 0; step -= 1) steps.push(await disturb(history));
      const plan = await planPrune(repository, {
        graceSeconds: numbers.pick([0, hour, 24 * hour]),
        maxUnused: numbers.pick([{ percent: 0 }, { percent: 20 }, { bytes: 3000 }, 'unlimited' as const]),
        maxRepackBytes: numbers.pick([Number.POSITIVE_INFINITY, 4000]),
      });
      await applyPrune(repository, plan);
      expect(await history.findFaults(), `${seed}, round ${round}: ${steps.join(', ')}`).toEqual([]);
      clock.advance(numbers.next(30) * hour);
    }

    // Run often enough, prune leaves what is needed and nothing else.
    const everything = { maxUnused: { percent: 0 } } as const;
    let plan = await planPrune(repository, everything);
    for (let runs = 0; !plan.isEmpty || plan.report.packs.wait > 0; runs += 1) {
      expect(runs).toBeLessThan(6);
      await applyPrune(repository, plan);
      clock.advance(24 * hour);
      plan = await planPrune(repository, everything);
    }
    expect(await history.findFaults()).toEqual([]);
    expect(plan.report).toMatchObject({ blobs: { duplicate: 0, unused: 0 }, bytes: { unindexed: 0, marked: 0 } });
    expect(plan.report.packs.keep).toBe((await repository.listNames('data')).length);
    if (!hasTool('restic')) return;
    const checked = await runRestic(repository.storage.location, 'check', '--read-data');
    expect(checked).toMatchObject({ status: 0 });
    expect(checked.stdout).not.toMatch(/not referenced|contained in several/);
  });
});
