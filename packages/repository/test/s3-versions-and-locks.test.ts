import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type HeadObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { openRepository } from '../src/open-repository.ts';
import { initRepository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { listSnapshots } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import type { S3Options } from '../src/storage/s3-options.ts';
import { password } from './crafted-repository.ts';
import { startMotoS3, type MotoS3 } from './moto-s3.ts';
import { nameOf } from './storage-contract.ts';

describe.skipIf((await motoAbsence()) !== null)('a repository in a bucket', () => {
  let s3: MotoS3;

  beforeAll(async () => {
    s3 = await startMotoS3('first');
  });

  afterAll(async () => {
    await s3.stop();
  });

  const newBucket = async (objectLock = false): Promise<string> => {
    const bucket = `bucket-${randomUUID()}`;
    await s3.client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: objectLock }));
    return bucket;
  };
  const keysOf = async (bucket: string): Promise<string[]> => {
    const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (Contents ?? []).map(({ Key = '' }) => Key);
  };

  describe('that keeps versions', () => {
    const prepare = async () => {
      const bucket = await newBucket();
      const enable = { Status: 'Enabled' } as const;
      await s3.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: enable }));
      const folder = temporaryDirectoryForTest('as-of');
      const source = join(folder, 'source');
      mkdirSync(join(source, 'inner'), { recursive: true });
      writeFileSync(join(source, 'large'), randomBytes(3_000_000));
      writeFileSync(join(source, 'inner/file'), 'content');
      const location = `s3:${s3.endpoint}/${bucket}/some/prefix`;
      const repository = await initRepository(openStorage(location), password, systemClock);
      const { snapshot_id: snapshot } = await backup(repository, { source, parent: null });
      const { Versions } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const last = Math.max(...(Versions ?? []).map(({ LastModified }) => LastModified?.getTime() ?? 0));
      // Services keep whole seconds: what comes next must not fall into the same one.
      await delay(1100);
      const asOf = new Date(last + 500).toISOString();
      const open = (options: S3Options) =>
        openRepository(openStorage({ location, s3: options }), password, systemClock);
      return { bucket, folder, source, location, repository, snapshot, asOf, open };
    };

    it('gives back all that was deleted and overwritten since', async () => {
      const { bucket, folder, source, snapshot, asOf, open } = await prepare();
      const target = join(folder, 'target');
      let number = 0;
      for (const key of await keysOf(bucket)) {
        number += 1;
        if (number % 2 === 0) await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
        else await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'worthless' }));
      }
      await expect(open({})).rejects.toMatchObject({
        kind: expect.stringMatching(/damage|not_found|access/) as string,
      });

      const then = await open({ asOf });
      expect((await listSnapshots(then)).map(({ id }) => id)).toEqual([snapshot]);
      expect(await check(then, { readData: true })).toMatchObject({ findings: [], snapshots: 1 });
      await restore(then, { snapshot, folder: source, target });
      execFileSync('diff', ['-r', source, target]);
    });

    it('shows nothing of what came later, and nothing at all before the first write', async () => {
      const { source, repository, snapshot, asOf, open } = await prepare();
      writeFileSync(join(source, 'later'), 'later');
      const { snapshot_id: later } = await backup(repository, { source, parent: snapshot });
      expect((await listSnapshots(repository)).map(({ id }) => id)).toEqual([snapshot, later]);
      expect((await listSnapshots(await open({ asOf }))).map(({ id }) => id)).toEqual([snapshot]);
      await expect(open({ asOf: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    });

    it('refuses every write to an earlier state', async () => {
      const { bucket, source, asOf, open } = await prepare();
      const then = await open({ asOf });
      const before = await s3.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const data = Buffer.from('new');
      for (const attempt of [
        () => then.storage.put('data', nameOf(data), data),
        () => then.storage.create('config', 'config', data),
        () => then.storage.delete('locks', nameOf(data)),
        () => then.saveUnpacked('locks', data),
        () => backup(then, { source, parent: null }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' });
      }
      const after = await s3.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      expect(after.Versions).toEqual(before.Versions);
      expect(after.DeleteMarkers).toEqual(before.DeleteMarkers);
    });
  });

  it('that never kept versions has no earlier state, and neither has a folder', async () => {
    const location = `s3:${s3.endpoint}/${await newBucket()}`;
    await initRepository(openStorage(location), password, systemClock);
    const asOf = systemClock.now().toISOString();
    const earlier = openStorage({ location, s3: { asOf } });
    await expect(openRepository(earlier, password, systemClock)).rejects.toMatchObject({
      code: 'STORAGE_NOT_VERSIONED',
    });
    for (const wrong of [
      { location: '/somewhere', s3: { asOf } },
      { location, s3: { asOf: 'yesterday' } },
    ]) {
      expect(() => openStorage(wrong)).toThrow(expect.objectContaining({ code: 'STORAGE_OPTIONS_INVALID' }) as Error);
    }
  });

  const storedBy = async (bucket: string, options: S3Options): Promise<Record<string, HeadObjectCommandOutput[]>> => {
    const source = temporaryDirectoryForTest('s3-options');
    writeFileSync(join(source, 'file'), 'content');
    const location = `s3:${s3.endpoint}/${bucket}`;
    const repository = await initRepository(openStorage({ location, s3: options }), password, systemClock);
    await backup(repository, { source, parent: null });
    await repository.saveUnpacked('locks', Buffer.from('{}'));
    const stored: Record<string, HeadObjectCommandOutput[]> = {};
    for (const key of await keysOf(bucket)) {
      const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      (stored[key.replace(/\/.*/, '')] ??= []).push(head);
    }
    expect(Object.keys(stored).sort()).toEqual(['config', 'data', 'index', 'keys', 'locks', 'snapshots']);
    return stored;
  };

  it('holds every object that a backup writes under the lock that was asked for, but no lock file', async () => {
    const from = systemClock.now().getTime();
    const stored = await storedBy(await newBucket(true), { retention: { mode: 'COMPLIANCE', days: 30 } });
    for (const [type, heads] of Object.entries(stored)) {
      for (const { ObjectLockMode, ObjectLockRetainUntilDate } of heads) {
        expect(ObjectLockMode, type).toBe(type === 'locks' ? undefined : 'COMPLIANCE');
        if (type === 'locks') continue;
        const days = ((ObjectLockRetainUntilDate?.getTime() ?? 0) - from) / 86_400_000;
        expect(days).toBeGreaterThan(29.99);
        expect(days).toBeLessThan(30.01);
      }
    }
  });

  it('encrypts with the key and keeps packs in the class that were asked for', async () => {
    const kmsKey = 'arn:aws:kms:us-east-1:123456789012:key/of-backups';
    const stored = await storedBy(await newBucket(), { storageClass: 'STANDARD_IA', kmsKey });
    for (const [type, heads] of Object.entries(stored)) {
      for (const { StorageClass, ServerSideEncryption, SSEKMSKeyId } of heads) {
        expect(ServerSideEncryption, type).toBe('aws:kms');
        expect(SSEKMSKeyId).toBe(kmsKey);
        expect(StorageClass, type).toBe(type === 'data' ? 'STANDARD_IA' : undefined);
      }
    }
  });
});
