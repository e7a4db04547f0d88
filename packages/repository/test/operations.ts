import type { Clock } from '@enterprise-backup/contracts/clock';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '../src/archiver/backup.ts';
import { copySnapshots } from '../src/copier/copy.ts';
import { applyHeal } from '../src/healer/apply-heal.ts';
import { openDamaged } from '../src/healer/open-damaged.ts';
import { planHeal } from '../src/healer/plan-heal.ts';
import { addKey, changePassword, removeKey, rotateKeys } from '../src/keys/change-keys.ts';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { applyIndexRepair, planIndexRepair } from '../src/repairer/repair-index.ts';
import { applyPackRepair, planPackRepair } from '../src/repairer/repair-packs.ts';
import { applySnapshotRepair, planSnapshotRepair } from '../src/repairer/repair-snapshots.ts';
import { openRepository } from '../src/open-repository.ts';
import type { Repository } from '../src/repository.ts';
import { listSnapshots } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';

const open = (location: string, clock: Clock = systemClock): Promise<Repository> =>
  openRepository(openStorage(location), password, clock);

/** Settings of prune under which a pack that is not needed leaves in the first run after the grace. */
export const pruneEverything = { maxUnused: { percent: 0 }, graceSeconds: 23 * 3600 } as const;

/** Everything that changes a repository. `argument` is what the operation needs beside the repository. */
export const operations = {
  /** Of the folder `argument`, on top of the newest snapshot of it. */
  backup: async (location: string, argument: string) => {
    const repository = await open(location);
    const snapshots = await listSnapshots(repository);
    const parent = snapshots.findLast(({ snapshot }) => snapshot.paths?.[0] === argument)?.id ?? null;
    return backup(repository, { source: argument, parent });
  },
  /** At the time `argument`. */
  prune: async (location: string, argument: string) => {
    const repository = await open(location, { now: () => new Date(argument) });
    return applyPrune(repository, await planPrune(repository, pruneEverything));
  },
  'repair index': async (location: string) => {
    const repository = await open(location);
    return applyIndexRepair(repository, await planIndexRepair(repository));
  },
  'repair packs': async (location: string) => {
    const repository = await open(location);
    return applyPackRepair(repository, await planPackRepair(repository, { readData: true }));
  },
  'repair snapshots': async (location: string) => {
    const repository = await open(location);
    return applySnapshotRepair(repository, await planSnapshotRepair(repository, { removeDamaged: true }));
  },
  /** From the repository at `argument`. */
  heal: async (location: string, argument: string) => {
    const copy = await open(argument);
    const repository = await openDamaged(openStorage(location), password, copy, systemClock);
    return applyHeal(repository, copy, await planHeal(repository, copy, { readData: true }));
  },
  /** Of all snapshots of the repository at `argument`. */
  copy: async (location: string, argument: string) =>
    copySnapshots(await open(argument), await open(location), { batchBytes: 1 }),
  'add key': async (location: string, argument: string) => addKey(await open(location), argument),
  'change password': async (location: string, argument: string) => changePassword(await open(location), argument),
  'rotate keys': async (location: string, argument: string) => rotateKeys(await open(location), argument),
  'remove key': async (location: string, argument: string) => removeKey(await open(location), argument),
} as const satisfies Record<string, (location: string, argument: string) => Promise<unknown>>;

export type Operation = keyof typeof operations;
