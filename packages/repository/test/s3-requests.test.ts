import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { prepareBackup } from '../src/archiver/prepare-backup.ts';
import { openRepository } from '../src/open-repository.ts';
import { initRepository } from '../src/repository.ts';
import { prepareRestore } from '../src/restorer/prepare-restore.ts';
import { restore } from '../src/restorer/restore.ts';
import { findSnapshot } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { password } from './crafted-repository.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { startMotoS3, type MotoS3 } from './moto-s3.ts';

const bucket = 'requests';

/** What opening a repository and choosing the newest of its one snapshot asks for. */
const opening = { 'GET config': 1, 'LIST keys': 1, 'GET keys': 1, 'LIST snapshots': 1 };
/**
 * What an operation on it asks for besides. The locks of others are looked at before and after the own one is written. The
 * index is read while the key is derived, and listed again under the lock, under which the snapshot is read again, too: what
 * was there before may have been forgotten and pruned.
 */
const working = {
  'LIST locks': 2,
  'PUT locks': 1,
  'DELETE locks': 1,
  'LIST index': 2,
  'GET index': 1,
  'GET snapshots': 2,
};

/** Each request to S3 takes its time and costs money: what a command asks for twice must have a reason. */
describe.skipIf((await motoAbsence()) !== null)('the requests of a command to S3', () => {
  let s3: MotoS3;
  let proxy: FaultProxy;
  let location: string;
  let source: string;

  beforeAll(async () => {
    s3 = await startMotoS3(bucket);
    proxy = await startFaultProxy(s3.endpoint);
  });

  afterAll(async () => {
    await proxy.stop();
    await s3.stop();
  });

  beforeEach(async () => {
    location = `s3:${proxy.endpoint}/${bucket}/${randomUUID()}`;
    source = join(temporaryDirectoryForTest('requests'), 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'content');
    const repository = await initRepository(openStorage(location), password, systemClock);
    await backup(repository, { source, parent: null });
    proxy.requests.length = 0;
  });

  /** The requests since the repository was made, without names, and how often each came. */
  const asked = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const line of proxy.requests) {
      const [method = '', url = ''] = line.split(' ');
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      const key = searchParams.get('prefix') ?? pathname.slice(1 + bucket.length + 1);
      const kind = key.split('/')[1] ?? '';
      const what = `${searchParams.has('list-type') ? 'LIST' : method} ${kind}`;
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  };

  it('that restores', async () => {
    const repository = await openRepository(openStorage(location), password, systemClock, {
      whileDeriving: (storage) => Promise.resolve(prepareRestore(storage)),
    });
    const { id } = await findSnapshot(repository, 'latest');
    const target = join(temporaryDirectoryForTest('requests-target'), 'target');
    await restore(repository, { snapshot: id, folder: source, target });
    // One pack of trees, of which the size is asked for, and one of data.
    expect(asked()).toEqual({ ...opening, ...working, 'HEAD data': 1, 'GET data': 2 });
  });

  it('that backs up what has not changed', async () => {
    const repository = await openRepository(openStorage(location), password, systemClock, {
      whileDeriving: (storage) => Promise.resolve(prepareBackup(storage)),
    });
    const { id } = await findSnapshot(repository, 'latest');
    await backup(repository, { source, parent: id });
    // Trees are read by the thread that compares and, when it is overtaken, by the walk. A folder above the source that has
    // changed meanwhile, such as the one for all temporary files, is stored anew.
    const { 'GET data': _read, 'HEAD data': _sizes, 'PUT data': _packs, 'PUT index': _index, ...others } = asked();
    // The lock must still stand when the snapshot is written.
    expect(others).toEqual({ ...opening, ...working, 'HEAD locks': 1, 'PUT snapshots': 1 });
  });
});
