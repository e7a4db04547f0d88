import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it, onTestFinished } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { setExtendedAttribute } from '../src/posix/extended-attributes.ts';
import { newRepository } from './crafted-repository.ts';
import { SeededNumbers } from './random-history.ts';
import { treeOfFolder } from './tree-of-folder.ts';

const names = ['a', 'B', 'ä', 'with space', 'quote"d', 'back\\slash', 'new\nline', '\u{1f600}', '{"nodes":[', 'z'];

/** Makes, changes, renames or removes something in a folder, or in one below it. */
function change(folder: string, numbers: SeededNumbers): void {
  const path = join(folder, numbers.pick(names));
  const found = readdirSync(folder).includes(path.slice(folder.length + 1));
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (folders.length > 0 && numbers.next(2) === 0) {
    change(join(folder, numbers.pick(folders).name), numbers);
    return;
  }
  const actions = [
    () => writeFileSync(path, numbers.bytes(numbers.next(2000))),
    () => mkdirSync(path),
    () => symlinkSync(`to ${String(numbers.next(10))} {"}]`, path),
    () => execFileSync('mkfifo', [path]),
  ];
  if (!found) {
    numbers.pick(actions)();
    return;
  }
  const isFile = lstatSync(path).isFile();
  const changes = [
    () => rmSync(path, { recursive: true }),
    () => renameSync(path, join(folder, `${numbers.pick(names)} again`)),
    () => {
      if (isFile) writeFileSync(path, numbers.bytes(100));
    },
    () => {
      if (isFile) chmodSync(path, 0o600 + numbers.next(0o100));
    },
    () => {
      if (!isFile && !lstatSync(path).isDirectory()) return;
      setExtendedAttribute(Buffer.from(path), Buffer.from('user.note'), numbers.bytes(20));
    },
  ];
  try {
    numbers.pick(changes)();
  } catch (error) {
    // A folder cannot take the place of a file, nor a full one that of another.
    if (!/ENOTDIR|EISDIR|ENOTEMPTY|ENOTSUP/.test(String(error))) throw error;
  }
}

const seed = process.env['SEED'] ?? `${Date.now()}`;
it(`a point made in step with the one before holds the very tree of one that reads everything (seed ${seed})`, async () => {
  const numbers = new SeededNumbers(seed);
  const folder = temporaryDirectoryForTest('incremental');
  const source = join(folder, 'source');
  mkdirSync(source);
  for (let step = 0; step < 60; step += 1) change(source, numbers);
  const repository = await newRepository(folder);
  const full = { source, parent: null, allowEmpty: true };
  let parent = (await backup(repository, full)).snapshot_id;
  for (let round = 0; round < 5; round += 1) {
    for (let step = numbers.next(6); step > 0; step -= 1) change(source, numbers);
    const next = (await backup(repository, { ...full, parent })).snapshot_id;
    const again = (await backup(repository, full)).snapshot_id;
    expect(await treeOfFolder(repository, next, source)).toBe(await treeOfFolder(repository, again, source));
    parent = next;
  }
  const unchanged = await backup(repository, { ...full, parent });
  expect(unchanged).toMatchObject({ files_new: 0, files_changed: 0, bytes_read: 0 });
  expect(await treeOfFolder(repository, unchanged.snapshot_id, source)).toBe(
    await treeOfFolder(repository, parent, source),
  );
});

it('folders that threads share among them count what they hold, changed ones are walked, and sockets are named', async () => {
  const folder = temporaryDirectoryForTest('incremental');
  const source = join(folder, 'source');
  // More than a thread compares in one go, some of it many folders deep.
  const folders = Array.from({ length: 400 }, (_, number) => {
    const inner = Array.from({ length: number % 20 }, (_none, depth) => `inner ${depth}`);
    return join(source, `part ${number % 7}`, `folder ${number}`, ...inner);
  });
  for (const path of folders) {
    mkdirSync(path, { recursive: true });
    for (let number = 0; number < 15; number += 1) writeFileSync(join(path, `file ${number}`), `${path} ${number}`);
  }
  const repository = await newRepository(folder);
  const full = { source, parent: null };
  const first = await backup(repository, full);
  expect(first).toMatchObject({ files_new: 6000, skipped_count: 0 });
  const second = await backup(repository, { source, parent: first.snapshot_id });
  const { bytes_processed, folders: foldersInAll } = first;
  expect(second).toMatchObject({ files_unmodified: 6000, bytes_read: 0, bytes_processed, folders: foldersInAll });

  const [changed = '', removed = '', touched = '', withSocket = '', excluded = ''] = [399, 57, 118, 220, 20].map(
    (number) => folders[number] ?? '',
  );
  writeFileSync(join(changed, 'file 3'), 'other');
  rmSync(removed, { recursive: true });
  chmodSync(touched, 0o700);
  const server = createServer().listen(join(withSocket, 'socket'));
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const excludes = [`/${excluded.slice(source.length + 1)}/`];
  const third = await backup(repository, { source, parent: second.snapshot_id, excludes });
  expect(third).toMatchObject({ files_unmodified: 6000 - 1 - 15 - 15, files_changed: 1, files_new: 0, bytes_read: 5 });
  expect(third.skipped).toMatchObject([{ code: 'SOCKET_SKIPPED', path: join(withSocket, 'socket') }]);
  const again = await backup(repository, { ...full, excludes });
  expect(third).toMatchObject({ bytes_processed: again.bytes_processed, folders: again.folders });
  expect(await treeOfFolder(repository, third.snapshot_id, source)).toBe(
    await treeOfFolder(repository, again.snapshot_id, source),
  );
});
