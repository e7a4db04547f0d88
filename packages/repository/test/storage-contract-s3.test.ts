import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStorage } from '../src/storage/open-storage.ts';
import { startMotoS3, type MotoS3 } from './moto-s3.ts';
import { itKeepsTheStorageContract, listed, nameOf } from './storage-contract.ts';

const BUCKET = 'backups';

describe.skipIf((await motoAbsence()) !== null)('storage in S3', () => {
  let s3: MotoS3;

  beforeAll(async () => {
    s3 = await startMotoS3(BUCKET);
  });

  afterAll(async () => {
    await s3.stop();
  });

  const readObject = async (key: string): Promise<Buffer> => {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  itKeepsTheStorageContract(() => {
    const prefix = `some where/${randomUUID()}`;
    return Promise.resolve({
      storage: openStorage(`s3:${s3.endpoint}/${BUCKET}/${encodeURI(prefix)}`),
      putStray: async (path, data) => {
        await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${path}`, Body: data }));
      },
      readRaw: (path) => readObject(`${prefix}/${path}`),
    });
  });

  it('lists more files than one answer holds', async () => {
    const storage = openStorage(`s3:${s3.endpoint}/${BUCKET}/many`);
    const contents = Array.from({ length: 1030 }, (_value, number) => Buffer.from(`content ${number}`));
    const put = async (): Promise<void> => {
      for (let data = contents.pop(); data !== undefined; data = contents.pop()) {
        await storage.put('data', nameOf(data), data);
      }
    };
    await Promise.all([put(), put(), put(), put()]);
    const files = await listed(storage, 'data');
    expect(new Set(files.map(({ name }) => name)).size).toBe(1030);
  }, 60_000);

  it('uses the bucket itself when there is no prefix', async () => {
    await s3.client.send(new CreateBucketCommand({ Bucket: 'own-bucket' }));
    const storage = openStorage(`s3:${s3.endpoint}/own-bucket`);
    await storage.create('config', 'config', Buffer.from('at the top'));
    const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket: 'own-bucket' }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['config']);
    expect(await listed(storage, 'config')).toHaveLength(1);
  });

  it.each(['put', 'get', 'list'] as const)('says that there is no such bucket: %s', async (call) => {
    const storage = openStorage(`s3:${s3.endpoint}/no-such-bucket/prefix`);
    const data = Buffer.from('x');
    const calls = {
      put: () => storage.put('keys', nameOf(data), data),
      get: () => storage.get('keys', nameOf(data)),
      list: () => listed(storage, 'keys'),
    };
    await expect(calls[call]()).rejects.toMatchObject({
      code: 'STORAGE_LOCATION_INVALID',
      message: expect.stringContaining('no such bucket') as string,
    });
  });
});
