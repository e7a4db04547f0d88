import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeOddTree } from '@enterprise-backup/test-support/odd-tree';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { listSnapshots } from '../src/snapshots.ts';
import { newRepository } from './crafted-repository.ts';
import { runRestic } from './stock-restic.ts';
import { treeOfFolder } from './tree-of-folder.ts';

it.skipIf(!hasTool('restic'))('a folder has the very tree that restic writes for it', async () => {
  const folder = temporaryDirectoryForTest('restic-trees');
  const source = join(folder, 'source');
  await makeOddTree(source);
  // Of these restic 0.14 keeps less: targets of links that are not text, and attributes of links.
  rmSync(join(source, 'links/not-utf8'));
  rmSync(join(source, 'attributes/link'));
  const repository = await newRepository(folder);
  const ours = (await backup(repository, { source, parent: null })).snapshot_id;
  const { stdout } = await runRestic(repository.storage.location, 'backup', '--json', source);
  const summary = stdout.split('\n').find((line) => line.includes('"message_type":"summary"')) ?? '{}';
  expect(JSON.parse(summary)).toMatchObject({ data_blobs: 0 });
  const theirs = (await listSnapshots(repository)).find(({ id }) => id !== ours)?.id;
  expect(theirs).toBeDefined();
  const tree = await treeOfFolder(repository, ours, source);
  expect(tree).not.toBeNull();
  expect(theirs === undefined ? null : await treeOfFolder(repository, theirs, source)).toBe(tree);
});
