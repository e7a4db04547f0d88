import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { lockRepository } from '../src/locks.ts';
import type { Repository } from '../src/repository.ts';
import { newRepository, password } from './crafted-repository.ts';

describe('a lock', () => {
  let folder: string;
  let repository: Repository;

  beforeEach(async () => {
    folder = temporaryDirectoryForTest('locks');
    repository = await newRepository(folder);
  });

  const lockOf = (pid: number, exclusive: boolean, host = hostname()) =>
    repository.saveUnpacked(
      'locks',
      Buffer.from(JSON.stringify({ time: new Date().toISOString(), exclusive, hostname: host, username: 'root', pid })),
    );

  it('is shared with shared ones and refused beside an exclusive one', async () => {
    const first = await lockRepository(repository, 'shared');
    const second = await lockRepository(repository, 'shared');
    await expect(lockRepository(repository, 'exclusive')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await first.release();
    await second.release();
    const exclusive = await lockRepository(repository, 'exclusive');
    await expect(lockRepository(repository, 'shared')).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await exclusive.release();
    expect(await repository.listNames('locks')).toEqual([]);
  });

  it('of a dead process on this machine is removed; of another machine it counts', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await lockOf(child.pid ?? 0, true);
    await (await lockRepository(repository, 'shared')).release();
    expect(await repository.listNames('locks')).toEqual([]);
    await lockOf(child.pid ?? 0, true, 'another-machine');
    await expect(lockRepository(repository, 'shared')).rejects.toMatchObject({
      code: 'REPOSITORY_LOCKED',
      message: expect.stringContaining('another-machine') as string,
    });
  });

  it('survives the SIGHUP by which restic asks whether its holder lives', async () => {
    const lock = await lockRepository(repository, 'shared');
    process.kill(process.pid, 'SIGHUP');
    await lock.release();
  });

  it.skipIf(!hasTool('restic'))('is respected by stock restic, and respects its locks', async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    const args = ['--repo', repository.storage.location, '--password-file', passwordFile, '--no-cache'];
    const lock = await lockRepository(repository, 'shared');
    expect(() => execFileSync('restic', [...args, 'prune'], { stdio: 'pipe' })).toThrow(/repository is already locked/);
    execFileSync('restic', [...args, 'unlock'], { stdio: 'pipe' });
    expect(await repository.listNames('locks')).toHaveLength(1);
    await lock.release();
    execFileSync('restic', [...args, 'prune'], { stdio: 'pipe' });
  });
});
