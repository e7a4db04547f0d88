import { systemClock } from '@enterprise-backup/contracts/clock';
import { FileHistory } from '../src/finder/file-history.ts';
import { openRepository } from '../src/open-repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';

/** Builds the index of files in a process of its own, which a test kills. Says how far it is, and waits there. */
const [, , location = '', cacheFolder = ''] = process.argv;
const repository = await openRepository(openStorage(location), password, systemClock);
await FileHistory.open(repository, {
  cacheFolder,
  onSnapshot: (done, total) => {
    process.stdout.write(`${done} of ${total}\n`);
    if (done === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
});
