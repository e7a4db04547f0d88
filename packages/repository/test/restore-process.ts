import { systemClock } from '@enterprise-backup/contracts/clock';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { openRepository } from '../src/open-repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';

/** A restore in a process of its own, which a test kills. Says what it does. */
const [, , location = '', snapshot = '', folder = '', target = ''] = process.argv;
const repository = await openRepository(openStorage(location), password, systemClock);
await restore(repository, {
  snapshot: snapshotId.parse(snapshot),
  folder,
  target,
  onProgress: ({ phase }) => {
    process.stdout.write(`${phase}\n`);
  },
});
