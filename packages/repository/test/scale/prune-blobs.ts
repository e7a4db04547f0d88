import { systemClock } from '@enterprise-backup/contracts/clock';
import { applyPrune } from '../../src/pruner/apply-prune.ts';
import { planPrune } from '../../src/pruner/plan-prune.ts';
import { openRepository } from '../../src/open-repository.ts';
import { listSnapshots } from '../../src/snapshots.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { printFigure, printMemory, timed } from './figures.ts';

/** Prunes a repository after its first snapshot is forgotten, as two runs a day apart do it: `<location>`. */
const [, , location = ''] = process.argv;
const repository = await openRepository(openStorage(location), password, systemClock);
const [doomed] = await listSnapshots(repository);
if (doomed !== undefined) await repository.storage.delete('snapshots', doomed.id);
const settings = { maxUnused: { percent: 0 }, graceSeconds: 0 } as const;
for (const day of ['first', 'second']) {
  const plan = await timed(`${day} prune, plan`, () => planPrune(repository, settings));
  printMemory(`${day} prune, planned`);
  const { packs_written, packs_deleted } = await timed(`${day} prune, apply`, () => applyPrune(repository, plan));
  printFigure(`${day} prune, packs written and deleted`, `${packs_written}, ${packs_deleted}`);
  printMemory(`${day} prune, applied`);
}
