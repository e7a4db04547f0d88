import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '../../src/archiver/backup.ts';
import { openRepository } from '../../src/open-repository.ts';
import { restore } from '../../src/restorer/restore.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { printFigure, printMemory, timed } from './figures.ts';

/** Backs up and restores a sparse file of so many GiB with some MiB of data in it: `<location> <folder> <GiB>`. */
const [, , location = '', folder = '', size = '100'] = process.argv;
const GiB = 1024 ** 3;
const source = join(folder, 'source');
const target = join(folder, 'target');
mkdirSync(source, { recursive: true });
const descriptor = openSync(join(source, 'sparse'), 'w');
ftruncateSync(descriptor, Number(size) * GiB);
for (const share of [0, 0.3, 0.7]) {
  writeSync(descriptor, Buffer.alloc(3_000_000, 7), 0, 3_000_000, Math.floor(Number(size) * share) * GiB + 12_345);
}
closeSync(descriptor);

const repository = await openRepository(openStorage(location), password, systemClock);
const made = await timed('backup', () => backup(repository, { source, parent: null }));
printFigure('bytes of the file, and stored', `${made.bytes_processed}, ${made.bytes_stored}`);
await timed('restore', () => restore(repository, { snapshot: made.snapshot_id, folder: source, target }));
const { size: restored, blocks } = statSync(join(target, 'sparse'));
printFigure('bytes of the restored file, and on the disk', `${restored}, ${blocks * 512}`);
printMemory('sparse');
