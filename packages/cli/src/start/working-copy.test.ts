import { compareFolders } from '@enterprise-backup/sources/compare-folders';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorkingCopy } from './working-copy.ts';

const quiet = { leaveOut: [], onProgress: () => undefined, signal: new AbortController().signal };

const makeTree = (): { readonly from: string; readonly to: string } => {
  const folder = temporaryDirectoryForTest('working-copy');
  const from = join(folder, 'from');
  mkdirSync(join(from, 'sub/deep'), { recursive: true });
  for (let number = 0; number < 40; number += 1)
    writeFileSync(join(from, 'sub', `file-${number}`), `content ${number}`);
  writeFileSync(join(from, 'sub/deep/tool'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('../file-1', join(from, 'sub/deep/link'));
  symlinkSync('/nowhere', join(from, 'dangling'));
  utimesSync(join(from, 'sub/deep'), 1_500_000_000, 1_500_000_000);
  return { from, to: join(folder, 'to') };
};

it('copies content, modes, times and links', async () => {
  const { from, to } = makeTree();
  utimesSync(from, 1_500_000_000, 1_500_000_000);
  await makeWorkingCopy(from, to, quiet);
  utimesSync(to, 1_500_000_000, 1_500_000_000);
  const { differences } = await compareFolders(from, to);
  // Node sets times to the microsecond at best: the content of a folder's time is what matters here.
  expect(differences.filter(({ what }) => what !== 'modification_time')).toEqual([]);
  expect(statSync(join(to, 'sub/deep')).mtime).toEqual(statSync(join(from, 'sub/deep')).mtime);
});

it('copies data and does not link it, so that changing the copy leaves the original', async () => {
  const { from, to } = makeTree();
  linkSync(join(from, 'sub/file-1'), join(from, 'sub/same-file'));
  await makeWorkingCopy(from, to, quiet);
  expect(statSync(join(to, 'sub/file-1')).ino).not.toBe(statSync(join(from, 'sub/file-1')).ino);
  expect(statSync(join(to, 'sub/file-1')).nlink).toBe(1);
});

it('leaves out what is named, and sockets', async () => {
  const { from, to } = makeTree();
  const server = createServer().listen(join(from, 'socket'));
  await once(server, 'listening');
  await makeWorkingCopy(from, to, { ...quiet, leaveOut: [join(from, 'sub/deep')] });
  server.close();
  expect(readdirSync(to).sort()).toEqual(['dangling', 'sub']);
  expect(existsSync(join(to, 'sub/deep'))).toBe(false);
});

it('appears only when it is complete, and a second attempt starts anew', async () => {
  const { from, to } = makeTree();
  const controller = new AbortController();
  const stopAtOnce = {
    ...quiet,
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  };
  await expect(makeWorkingCopy(from, to, stopAtOnce)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(existsSync(to)).toBe(false);
  await makeWorkingCopy(from, to, quiet);
  expect(readdirSync(join(to, 'sub'))).toHaveLength(41);
});
