import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobId } from '../src/format/blob.ts';
import type { Repository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { fileNode, newRepository, storeBlobs, storeTree } from './crafted-repository.ts';

/** Enough that a thread starts while they are planned. */
const count = 2500;

function folderNode(name: string, subtree: BlobId | undefined): unknown {
  return { ...(fileNode(name, [], 0) as object), type: 'dir', content: null, subtree };
}

describe('a restore of many files', () => {
  let target: string;
  let repository: Repository;
  let snapshot: SnapshotId;
  /** Phases, and threads that were started, in the order in which they came. */
  let log: string[];
  let onWorker: () => void;
  const noteWorker = () => {
    log.push('thread');
    onWorker();
  };

  beforeEach(async () => {
    const folder = temporaryDirectoryForTest('restore-many');
    target = join(folder, 'target');
    repository = await newRepository(folder);
    const blobs = await storeBlobs(repository, 'data', [Buffer.from('even'), Buffer.from('odd')]);
    const nodes = Array.from({ length: count }, (_, number) =>
      fileNode(`${number}`, blobs.slice(number % 2, (number % 2) + 1), number % 2 === 0 ? 4 : 3),
    );
    // The second folder is read when the files of the first are planned.
    const trees = [nodes, []].map((of) => Buffer.from(`${JSON.stringify({ nodes: of })}\n`));
    const [many, none] = await storeBlobs(repository, 'tree', trees);
    snapshot = await storeTree(repository, [folderNode('many', many), folderNode('none', none)]);
    log = [];
    onWorker = () => undefined;
    process.on('worker', noteWorker);
  });

  afterEach(() => {
    process.off('worker', noteWorker);
  });

  const run = (options: { readonly dryRun?: boolean; readonly signal?: AbortSignal } = {}) =>
    restore(repository, {
      snapshot,
      folder: '/',
      target,
      onProgress: ({ phase }) => {
        if (log.at(-1) !== phase) log.push(phase);
      },
      ...options,
    });

  it('loads a thread while it plans', async () => {
    expect(await run()).toMatchObject({ files_written: count, files_verified: count });
    // Each once: a slow machine reports planning a second time, after the thread.
    expect([...new Set(log)].slice(0, 4)).toEqual(['opening', 'planning', 'thread', 'writing']);
    expect(readdirSync(join(target, 'many'))).toHaveLength(count);
    for (const number of [0, 1, 1999, count - 1]) {
      expect(readFileSync(join(target, `many/${number}`), 'utf8')).toBe(number % 2 === 0 ? 'even' : 'odd');
    }
  });

  it('starts no thread when it only finds out what it would write', async () => {
    expect(await run({ dryRun: true })).toMatchObject({ files_to_write: count });
    expect(log).toEqual(['opening', 'planning', 'done']);
  });

  it('ends the thread when it is stopped meanwhile, and has written nothing', async () => {
    const stop = new AbortController();
    onWorker = () => {
      stop.abort();
    };
    await expect(run({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(log).toEqual(['opening', 'planning', 'thread']);
    expect(existsSync(target)).toBe(false);
  });
});
