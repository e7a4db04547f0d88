import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { hasTool, toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStorage } from '../src/storage/open-storage.ts';
import type { FileType } from '../src/storage/storage.ts';
import { startMotoS3, type MotoS3 } from './moto-s3.ts';
import { listed } from './storage-contract.ts';

const BUCKET = 'shared-with-restic';
const TYPES: readonly FileType[] = ['config', 'keys', 'data', 'index', 'snapshots', 'locks'];
const restic = toolPath('restic') ?? '';

describe.skipIf(!hasTool('restic') || (await motoAbsence()) !== null)('a repository in S3 that restic uses too', () => {
  let s3: MotoS3;
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    vi.stubEnv('RESTIC_PASSWORD', 'password of the test');
    directory = temporaryDirectory('restic-s3');
    s3 = await startMotoS3(BUCKET);
  });

  afterAll(async () => {
    await s3.stop();
    directory.remove();
  });

  const run = async (location: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(restic, ['--no-cache', '-r', location, ...args])).stdout;

  const keysBelow = async (prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client: s3.client }, { Bucket: BUCKET, Prefix: prefix })) {
      for (const { Key = '' } of page.Contents ?? []) keys.push(Key.slice(prefix.length));
    }
    return keys.sort();
  };

  it('lists and reads what restic wrote, and restic takes what was written', async () => {
    const source = join(directory.path, 'source');
    mkdirSync(source);
    for (let number = 0; number < 50; number += 1) {
      writeFileSync(join(source, `file-${number}`), `content ${number}\n`.repeat(number * 100));
    }
    const theirs = `s3:${s3.endpoint}/${BUCKET}/theirs`;
    await run(theirs, 'init');
    await run(theirs, 'backup', source);
    await run(theirs, 'backup', '--force', '--tag', 'second', source);

    const from = openStorage(theirs);
    const ours = `s3:${s3.endpoint}/${BUCKET}/deeper/ours/`;
    const to = openStorage(ours);
    const seen: string[] = [];
    for (const type of TYPES) {
      for (const { name, size } of await listed(from, type)) {
        seen.push(
          type === 'config' ? 'config' : type === 'data' ? `data/${name.slice(0, 2)}/${name}` : `${type}/${name}`,
        );
        const data = await from.get(type, name);
        expect(data.length).toBe(size);
        if (type === 'config') await to.create(type, name, data);
        else await to.put(type, name, data);
      }
    }
    expect(seen.sort()).toEqual(await keysBelow('theirs/'));
    expect((await run(theirs, 'list', 'packs')).trim().split('\n').sort()).toEqual(
      (await listed(from, 'data')).map(({ name }) => name),
    );

    expect(await keysBelow('deeper/ours/')).toEqual(seen);
    expect(await run(ours, 'check', '--read-data')).toContain('no errors were found');
    const restored = join(directory.path, 'restored');
    await run(ours, 'restore', 'latest', '--target', restored);
    await promisify(execFile)('diff', ['-r', source, join(restored, source)]);
  }, 120_000);
});
