import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { FileHistory, type FoundVersion } from '../../src/finder/file-history.ts';
import { newRepository } from '../crafted-repository.ts';
import { SeededNumbers } from '../random-history.ts';
import { TreeHistory, type ModelFile } from '../tree-history.ts';

/**
 * Prints how long questions about all snapshots of a repository take: `node file-history.ts [files] [snapshots]`, by default
 * a million files and a hundred snapshots, of which each changes a thousand files in three hundred folders.
 */
const [, , files = '1000000', snapshots = '100'] = process.argv;
const filesPerFolder = 100;
const foldersPerFolder = 100;
const changedFolders = 300;
const changesPerFolder = 3;
const folders = Math.ceil(Number(files) / filesPerFolder);

const directory = temporaryDirectory('benchmark-history');
process.on('exit', () => {
  directory.remove();
});
/** Time of the clock and of the processor: on a machine with other work the second says more. */
const timed = async <Result>(what: string, work: () => Promise<Result>, detail: (result: Result) => string) => {
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const [passed, used] = [performance.now() - started, (user + system) / 1000].map((time) =>
    time.toFixed(0).padStart(8),
  );
  process.stdout.write(`${what.padEnd(42)} ${passed} ms ${used} ms of CPU  ${detail(result)}\n`);
  return result;
};

const numbers = new SeededNumbers('benchmark');
const folderPath = (folder: number): string =>
  `/srv/data/part-${Math.floor(folder / foldersPerFolder)}/folder-${folder % foldersPerFolder}`;
const filePath = (folder: number, file: number): string =>
  `${folderPath(folder)}/${folder}-${file}.${file % 10 === 0 ? 'log' : 'dat'}`;
const makeFile = (version: number, folder: number, file: number): ModelFile => ({
  size: 1000 + ((folder * 7919 + file * 104_729 + version) % 1_000_000),
  mtime: 1_767_225_600 + version * 86_400,
  content: `${folder} ${file} ${version}`,
  mode: 0o644,
});

const repository = await newRepository(directory.path);
const history = new TreeHistory(repository);
await timed(
  `store ${snapshots} snapshots of ${files} files`,
  async () => {
    for (let folder = 0; folder < folders; folder += 1) {
      for (let file = 0; file < filesPerFolder; file += 1)
        history.set(filePath(folder, file), makeFile(0, folder, file));
    }
    await history.save();
    for (let version = 1; version < Number(snapshots); version += 1) {
      for (let change = 0; change < changedFolders; change += 1) {
        const folder = numbers.next(folders);
        for (let at = 0; at < changesPerFolder; at += 1) {
          const file = numbers.next(filesPerFolder);
          history.set(filePath(folder, file), makeFile(version, folder, file));
        }
      }
      await history.save();
    }
  },
  () => '',
);

const cacheFolder = join(directory.path, 'cache');
const cacheFile = join(cacheFolder, repository.id, 'files.sqlite');
const open = () => FileHistory.open(repository, { cacheFolder });
const size = () => `${(statSync(cacheFile).size / 1024 / 1024).toFixed(0)} MiB`;
(await timed('build the index', open, size)).close();
(await timed('open it again', open, size)).close();
history.set(filePath(0, 0), makeFile(1000, 0, 0));
await history.save();
const opened = await timed('open it after one more snapshot', open, size);

const count = (found: readonly FoundVersion[]) => `${found.length} versions`;
const { points } = opened;
const [first, second] = [points[0], points.at(-2)];
const last = points.at(-1);
if (first === undefined || second === undefined || last === undefined) throw new Error('there are snapshots');
const questions: readonly (readonly [string, () => Promise<string>])[] = [
  ['find a name', async () => count(await opened.find({ pattern: '4711-50.log' }))],
  ['find names by their start', async () => count(await opened.find({ pattern: '4711-*' }))],
  ['find names by their middle', async () => count(await opened.find({ pattern: '*711-5?.*' }))],
  ['find names in any case', async () => count(await opened.find({ pattern: '*711-5?.LOG', ignoreCase: true }))],
  ['find by a path', async () => count(await opened.find({ pattern: 'folder-11/*.log' }))],
  ['find by size', async () => count(await opened.find({ minimumSize: 1_000_900 }))],
  [
    'find by time',
    async () => count(await opened.find({ type: 'file', changedSince: new Date('2026-04-09T00:00:00Z') })),
  ],
  [
    'find by name, size and time',
    async () =>
      count(
        await opened.find({ pattern: '*.log', minimumSize: 500_000, changedSince: new Date('2026-03-01T00:00:00Z') }),
      ),
  ],
  ['all versions of a path', async () => count(await opened.versionsOf(filePath(47, 50)))],
  [
    'last version before a time',
    async () =>
      (await opened.lastVersion(filePath(47, 50), new Date('2026-02-01T00:00:00Z')))?.points.at(-1)?.time ?? 'none',
  ],
  ['differences of two neighbours', async () => `${(await opened.compare(second.id, last.id)).length} differences`],
  ['differences of first and last', async () => `${(await opened.compare(first.id, last.id)).length} differences`],
];
for (const [what, ask] of questions) {
  await timed(what, ask, (detail) => detail);
  await timed(`${what}, again`, ask, () => '');
}
opened.close();
rmSync(cacheFolder, { recursive: true });
