import type { Clock } from '@enterprise-backup/contracts/clock';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { openRepository } from '../src/open-repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';

/** A prune in a process of its own, at a time that is given, which a test kills. */
const [, , location = '', now = '', graceSeconds = ''] = process.argv;
const clock: Clock = { now: () => new Date(now) };
const repository = await openRepository(openStorage(location), password, clock);
const settings = { graceSeconds: Number(graceSeconds), maxUnused: { percent: 0 } };
await applyPrune(repository, await planPrune(repository, settings));
