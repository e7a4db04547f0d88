import { systemClock } from '@enterprise-backup/contracts/clock';
import { loadIndex } from '../../src/index/load-index.ts';
import { openRepository } from '../../src/open-repository.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { printFigure, printMemory, timed } from './figures.ts';

/** Opens a repository and loads its index: `<location>`. */
const [, , location = ''] = process.argv;
const index = await timed('open, with the index', async () =>
  loadIndex(await openRepository(openStorage(location), password, systemClock)),
);
printFigure('blobs', String(index.size));
printMemory('open');
