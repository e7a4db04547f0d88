import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { backup } from '../../src/archiver/backup.ts';
import { check } from '../../src/checker/check.ts';
import { openRepository } from '../../src/open-repository.ts';
import { restore } from '../../src/restorer/restore.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { password } from '../crafted-repository.ts';
import { printFigure, printMemory, timed } from './figures.ts';

/** Backs up and restores a file at the end of a path of so many bytes: `<location> <folder> <bytes>`. */
const [, , location = '', folder = '', bytes = '4096'] = process.argv;
const source = join(folder, 's');
const target = join(folder, 't');
mkdirSync(source, { recursive: true });
// A path longer than the kernel takes in one call is made and read from inside.
let length = Buffer.byteLength(source);
process.chdir(source);
for (; length + 1 + 255 + 2 < Number(bytes); length += 1 + 200) {
  mkdirSync('d'.repeat(200));
  process.chdir('d'.repeat(200));
}
const name = 'f'.repeat(Number(bytes) - length - 1);
writeFileSync(name, 'content at the end of a long path');
process.chdir('/');
printFigure('length of the path of the file', `${length + 1 + name.length} bytes`);

const repository = await openRepository(openStorage(location), password, systemClock);
const made = await timed('backup', () => backup(repository, { source, parent: null }));
printFigure('files, and left out', `${made.files_new}, ${made.skipped_count}`);
for (const { path, code, message } of made.skipped)
  printFigure(`  ${code}: ${message}`.slice(0, 60), `${path.length} bytes`);
const { findings } = await timed('check', () => check(repository, { readData: true }));
printFigure('findings of the check', String(findings.length));
const restored = await timed('restore', () =>
  restore(repository, { snapshot: made.snapshot_id, folder: source, target }),
);
printFigure('files restored, and left out', `${restored.files_written}, ${restored.skipped_count}`);
process.chdir(target);
for (let at = Buffer.byteLength(source); at < length && existsSync('d'.repeat(200)); at += 201)
  process.chdir('d'.repeat(200));
printFigure('its content', existsSync(name) ? JSON.stringify(readFileSync(name, 'utf8')).slice(0, 20) : 'missing');
printMemory('path');
