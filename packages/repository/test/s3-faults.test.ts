import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { motoAbsence } from '@enterprise-backup/test-support/moto-server';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { initRepository } from '../src/repository.ts';
import { restore } from '../src/restorer/restore.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import type { S3Options } from '../src/storage/s3-options.ts';
import type { Storage } from '../src/storage/storage.ts';
import { password } from './crafted-repository.ts';
import { startFaultProxy, type FaultAction, type FaultProxy } from './fault-proxy.ts';
import { startMotoS3, type MotoS3 } from './moto-s3.ts';
import { SeededNumbers } from './random-history.ts';
import { listed, nameOf } from './storage-contract.ts';

const BUCKET = 'faults';
const MiB = 1024 * 1024;

const passing: readonly FaultAction[] = [
  { kind: 'refuse', status: 503, code: 'SlowDown' },
  { kind: 'refuse', status: 500, code: 'InternalError' },
  { kind: 'refuse', status: 400, code: 'RequestTimeout' },
  { kind: 'reset' },
  { kind: 'lose answer' },
  { kind: 'silence' },
  { kind: 'nothing' },
];
const brokenBodies: readonly FaultAction[] = [
  { kind: 'half body' },
  { kind: 'short body' },
  { kind: 'stall' },
  { kind: 'long body' },
];
const cases = (actions: readonly FaultAction[]) =>
  actions.map((action) => [action.kind === 'refuse' ? action.code : action.kind, action] as const);

describe.skipIf((await motoAbsence()) !== null)('storage in S3 behind faults', () => {
  let s3: MotoS3;
  let proxy: FaultProxy;
  let prefix: string;
  let storage: Storage;
  const data = randomBytes(1000);
  const name = nameOf(data);

  const open = (s3: S3Options = {}, endpoint = proxy.endpoint): Storage =>
    openStorage({
      location: `s3:${endpoint}/${BUCKET}/${prefix}`,
      s3: { attempts: 3, silenceSeconds: 0.5, ...s3 },
    });
  const behind = (): Storage => open({}, s3.endpoint);

  beforeAll(async () => {
    s3 = await startMotoS3(BUCKET);
    proxy = await startFaultProxy(s3.endpoint);
  });

  afterAll(async () => {
    await proxy.stop();
    await s3.stop();
  });

  beforeEach(() => {
    prefix = randomUUID();
    storage = open();
  });

  afterEach(() => {
    proxy.assertAllHappened();
  });

  describe('goes on after one', () => {
    it.each(cases(passing))('of a write: %s', async (_kind, action) => {
      proxy.script({ method: 'PUT', path: /./, action });
      await storage.put('keys', name, data);
      expect(await behind().get('keys', name)).toEqual(data);
    });

    it.each(cases([...passing, ...brokenBodies]))('of a read: %s', async (_kind, action) => {
      await behind().put('data', name, data);
      proxy.script({ method: 'GET', path: /./, action });
      expect(await storage.get('data', name)).toEqual(data);
    });

    it.each(cases([...passing, ...brokenBodies]))('of a read of a range: %s', async (_kind, action) => {
      await behind().put('data', name, data);
      proxy.script({ method: 'GET', path: /./, action });
      expect(await storage.get('data', name, { offset: 100, length: 200 })).toEqual(data.subarray(100, 300));
    });

    it.each(cases(passing))('of a look: %s', async (_kind, action) => {
      await behind().put('data', name, data);
      proxy.script({ method: 'HEAD', path: /./, action });
      expect(await storage.stat('data', name)).toEqual({ name, size: 1000 });
    });

    it.each(cases([...passing, ...brokenBodies]))('of a listing: %s', async (_kind, action) => {
      await behind().put('snapshots', name, data);
      proxy.script({ method: 'GET', path: /list-type=2/, action });
      expect(await listed(storage, 'snapshots')).toEqual([{ name, size: 1000 }]);
    });

    it.each(cases(passing.filter(({ kind }) => kind !== 'nothing')))('of a removal: %s', async (_kind, action) => {
      await behind().put('locks', name, data);
      proxy.script({ method: 'DELETE', path: /./, action });
      await storage.delete('locks', name);
      expect(await behind().stat('locks', name)).toBeNull();
    });

    it.each(cases(passing))('of a creation: %s', async (_kind, action) => {
      proxy.script({ method: 'PUT', path: /config/, action });
      await storage.create('config', 'config', data);
      expect(await behind().get('config', 'config')).toEqual(data);
    });
  });

  describe('says with a code that it stays', () => {
    it.each(cases([...passing.filter(({ kind }) => kind !== 'silence'), ...brokenBodies]))(
      'in a read of a range: %s',
      async (_kind, action) => {
        await behind().put('data', name, data);
        proxy.script({ method: 'GET', path: /./, action, times: 3 });
        await expect(storage.get('data', name, { offset: 0, length: 500 })).rejects.toMatchObject({
          code: 'STORAGE_UNAVAILABLE',
          retryable: true,
        });
      },
    );

    it.each(cases([{ kind: 'half body' }, { kind: 'short body' }, { kind: 'nothing' }]))(
      'in a listing: %s',
      async (_kind, action) => {
        await behind().put('snapshots', name, data);
        proxy.script({ method: 'GET', path: /list-type=2/, action, times: 3 });
        await expect(listed(storage, 'snapshots')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      },
    );
  });

  it('returns a whole file that does not match its name as it is, after it was read three times', async () => {
    const other = nameOf(Buffer.from('other'));
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}/index/${other}`, Body: data }));
    expect(await storage.get('index', other)).toEqual(data);
    expect(proxy.requests.filter((line) => line.startsWith('GET'))).toHaveLength(3);
  });

  describe('and listings of an earlier state', () => {
    it.each(['locks', 'index'] as const)('are asked for again until they show what was written: %s', async (type) => {
      expect(await listed(storage, type)).toEqual([]);
      proxy.script({ method: 'GET', path: /list-type=2/, action: { kind: 'stale' }, times: 2 });
      await storage.put(type, name, data);
      expect(await listed(storage, type)).toEqual([{ name, size: 1000 }]);
    });

    it('are asked for again until what was removed is gone', async () => {
      await storage.put('locks', name, data);
      expect(await listed(storage, 'locks')).toHaveLength(1);
      proxy.script({ method: 'GET', path: /list-type=2/, action: { kind: 'stale' } });
      await storage.delete('locks', name);
      expect(await listed(storage, 'locks')).toEqual([]);
    });

    it('are an error when they stay, also of packs', async () => {
      for (const type of ['locks', 'data'] as const) {
        expect(await listed(storage, type)).toEqual([]);
        await storage.put(type, name, data);
        proxy.script({
          method: 'GET',
          path: /list-type=2/,
          action: { kind: 'stale' },
          times: type === 'locks' ? 6 : 1,
        });
        await expect(listed(storage, type)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      }
    }, 60_000);

    it('are right about what somebody else changed meanwhile', async () => {
      await storage.put('locks', name, data);
      await behind().delete('locks', name);
      expect(await listed(storage, 'locks')).toEqual([]);
    });
  });

  describe('with credentials that expire', () => {
    let file: string;
    const write = (key: string): void => {
      writeFileSync(file, `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`);
    };
    const seen: string[] = [];

    beforeEach(() => {
      file = join(temporaryDirectoryForTest('credentials'), 'credentials');
      vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
      vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
      write('OLD');
      seen.length = 0;
      storage = open();
      proxy.onRequest = ({ headers }) => {
        seen.push(/Credential=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? '');
      };
    });

    afterEach(() => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', undefined);
    });

    it.each([
      [['PUT'], 'ExpiredToken', 400, () => storage.put('keys', name, data)],
      // What a HEAD is refused for is told by a read.
      [['HEAD', 'GET'], 'ExpiredToken', 400, () => storage.stat('keys', name)],
      [['GET'], 'InvalidAccessKeyId', 403, () => listed(storage, 'keys')],
    ] as const)('reads them anew, once: %s', async (methods, code, status, call) => {
      const onHit = (): void => {
        write('NEW');
      };
      for (const method of methods) {
        proxy.script({ method, path: /./, action: { kind: 'refuse', status, code }, onHit });
      }
      await call();
      expect(seen).toEqual([...methods.map(() => 'OLD'), 'NEW']);
    });

    it('says that access is denied when the new ones are refused too', async () => {
      const action = { kind: 'refuse', status: 400, code: 'ExpiredToken' } as const;
      proxy.script({ method: 'GET', path: /./, action, times: 2 });
      await expect(storage.get('keys', name)).rejects.toMatchObject({ code: 'STORAGE_ACCESS_DENIED' });
      expect(seen).toEqual(['OLD', 'OLD']);
    });
  });

  describe('in several parts', () => {
    const large = randomBytes(25 * MiB);
    const largeName = nameOf(large);
    const inParts = (): Storage => open({ multipartBytes: 5 * MiB, silenceSeconds: 5 });
    const uploads = async (): Promise<number> => {
      const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
      return Uploads?.length ?? 0;
    };

    it('keeps a file as one', async () => {
      await inParts().put('data', largeName, large);
      expect(proxy.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(3);
      expect((await behind().get('data', largeName)).equals(large)).toBe(true);
      expect(await uploads()).toBe(0);
    });

    it.each([
      ['the start', 'POST', /uploads/],
      ['a part', 'PUT', /partNumber=2/],
      ['the end', 'POST', /uploadId/],
    ])('goes on after faults at %s', async (_where, method, path) => {
      proxy.script({ method, path, action: { kind: 'refuse', status: 503, code: 'SlowDown' } });
      proxy.script({ method, path, action: { kind: 'reset' } });
      await inParts().put('data', largeName, large);
      expect((await behind().get('data', largeName)).equals(large)).toBe(true);
    });

    it.each(['lose answer', 'nothing'] as const)('is right about an end of which the answer is: %s', async (kind) => {
      proxy.script({ method: 'POST', path: /uploadId/, action: { kind } });
      await inParts().put('data', largeName, large);
      expect((await behind().get('data', largeName)).equals(large)).toBe(true);
    });

    it.each([
      ['a part', 'PUT', /partNumber=3/],
      ['the end', 'POST', /uploadId/],
    ])('gives its parts up when %s fails for good', async (_where, method, path) => {
      proxy.script({ method, path, action: { kind: 'refuse', status: 503, code: 'SlowDown' }, times: 3 });
      await expect(inParts().put('data', largeName, large)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      expect(await behind().stat('data', largeName)).toBeNull();
      expect(await uploads()).toBe(0);
    });
  });

  const seed = `${Date.now()}`;
  it(`a backup, a check and a restore come through random faults whole (seed ${seed})`, async () => {
    const numbers = new SeededNumbers(seed);
    const folder = temporaryDirectoryForTest('s3-faults');
    const source = join(folder, 'source');
    mkdirSync(source);
    for (let file = 0; file < 20; file += 1) writeFileSync(join(source, `file-${file}`), numbers.bytes(300_000));
    const actions = [...passing, ...brokenBodies].filter(({ kind }) => kind !== 'silence' && kind !== 'stall');
    let faults = 0;
    proxy.choose = (line) => {
      if (numbers.next(3) !== 0) return null;
      const action = numbers.pick(actions);
      // What is made of a body needs one, and a removal that was answered with success counts as done.
      const isFit = line.startsWith('GET') || (!brokenBodies.includes(action) && action.kind !== 'nothing');
      if (isFit) faults += 1;
      return isFit ? action : null;
    };
    const description = {
      location: `s3:${proxy.endpoint}/${BUCKET}/${prefix}`,
      s3: { attempts: 12, silenceSeconds: 10 },
    };
    const repository = await initRepository(openStorage(description), password, systemClock);
    const { snapshot_id: snapshot } = await backup(repository, { source, parent: null });
    expect(await check(repository, { readData: true })).toMatchObject({ findings: [] });
    const target = join(folder, 'target');
    await restore(repository, { snapshot, folder: source, target });
    execFileSync('diff', ['-r', source, target]);
    expect(await listed(behind(), 'locks')).toEqual([]);
    expect(faults).toBeGreaterThan(0);
  }, 300_000);
});
