import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '../../src/archiver/backup.ts';
import { listNodes } from '../../src/list-nodes.ts';
import { openRepository } from '../../src/open-repository.ts';
import { restore } from '../../src/restorer/restore.ts';
import { listSnapshots } from '../../src/snapshots.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { printFigure, printMemory, timed } from './figures.ts';

/**
 * One step with a folder of many empty files, in a process of its own so that its memory shows: `<step> <location> <folder>
 * <entries>`. The steps are make, backup, again (with a parent), ls and restore.
 */
const [, , step = '', location = '', folder = '', entries = ''] = process.argv;
const source = join(folder, 'source');
const open = () => openRepository(openStorage(location), password, systemClock);
const newest = async () => {
  const snapshot = (await listSnapshots(await open())).at(-1);
  if (snapshot === undefined) throw new Error('there is a snapshot');
  return snapshot.id;
};

const steps: Readonly<Record<string, () => Promise<void>>> = {
  make: async () => {
    mkdirSync(source, { recursive: true });
    for (let entry = 0; entry < Number(entries); entry += 1) {
      closeSync(openSync(join(source, `entry ${String(entry).padStart(8, '0')}`), 'w'));
    }
  },
  backup: async () => {
    const { files_new } = await backup(await open(), { source, parent: null });
    printFigure('files', String(files_new));
  },
  again: async () => {
    const { files_unmodified } = await backup(await open(), { source, parent: await newest() });
    printFigure('files that did not change', String(files_unmodified));
  },
  ls: async () => {
    let count = 0;
    for await (const _ of listNodes(await open(), await newest(), source)) count += 1;
    printFigure('entries', String(count));
  },
  restore: async () => {
    const target = join(folder, 'target');
    const { files_written } = await restore(await open(), { snapshot: await newest(), folder: source, target });
    printFigure('files', String(files_written));
  },
};
await timed(step, () => steps[step]?.() ?? Promise.resolve());
printMemory(step);
