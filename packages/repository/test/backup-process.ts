import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '../src/archiver/backup.ts';
import { openRepository } from '../src/open-repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';

/** A backup in a process of its own, which a test kills. Says when it starts to read. */
const [, , location = '', source = ''] = process.argv;
const repository = await openRepository(openStorage(location), password, systemClock);
await backup(repository, {
  source,
  parent: null,
  onProgress: ({ phase }) => {
    process.stdout.write(`${phase}\n`);
  },
});
