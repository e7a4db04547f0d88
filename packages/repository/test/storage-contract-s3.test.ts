import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { motoAbsence, startMotoServer, type MotoServer } from '@enterprise-backup/test-support/moto-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStorage } from '../src/storage/open-storage.ts';
import { itKeepsTheStorageContract, listed, nameOf } from './storage-contract.ts';

const BUCKET = 'backups';

describe.skipIf((await motoAbsence()) !== null)('storage in S3', () => {
  let server: MotoServer;
  let client: S3Client;

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    server = await startMotoServer();
    client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });

  afterAll(async () => {
    await server.stop();
    vi.unstubAllEnvs();
  });

  const readObject = async (key: string): Promise<Buffer> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  itKeepsTheStorageContract(() => {
    const prefix = `some where/${randomUUID()}`;
    return Promise.resolve({
      storage: openStorage(`s3:${server.endpoint}/${BUCKET}/${encodeURI(prefix)}`),
      putStray: async (path, data) => {
        await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${path}`, Body: data }));
      },
      readRaw: (path) => readObject(`${prefix}/${path}`),
    });
  });

  it('lists more files than one answer holds', async () => {
    const storage = openStorage(`s3:${server.endpoint}/${BUCKET}/many`);
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
    await client.send(new CreateBucketCommand({ Bucket: 'own-bucket' }));
    const storage = openStorage(`s3:${server.endpoint}/own-bucket`);
    await storage.create('config', 'config', Buffer.from('at the top'));
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'own-bucket' }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['config']);
    expect(await listed(storage, 'config')).toHaveLength(1);
  });

  it.each(['put', 'get', 'list'] as const)('says that there is no such bucket: %s', async (call) => {
    const storage = openStorage(`s3:${server.endpoint}/no-such-bucket/prefix`);
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
