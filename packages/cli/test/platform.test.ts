import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentPids, isRunning, makeData, makeSource, nextCommands, startPlatformOn } from './platform-in-test.ts';
import { expectError, objectsOf, runBackupctl, type Ran, type Running } from './run-backupctl.ts';

let directory: TemporaryDirectory;
let folder: string;
let data: string;
let source: string;
let running: Running & { readonly text: string };

beforeAll(async () => {
  directory = temporaryDirectory('cli-platform');
  folder = directory.path;
  data = join(folder, 'data');
  source = join(folder, 'documents');
  makeSource(source);
  makeData(data);
  running = await startPlatformOn(data, source);
});

afterAll(async () => {
  running.child.kill('SIGINT');
  await running.ended;
  directory.remove();
});

const ask = (...args: readonly string[]): Promise<Ran> => runBackupctl([...args, '--data', data], { cwd: folder });
const answer = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const ran = await ask(...args, '--json');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return objectsOf(ran).at(-1) ?? {};
};

describe('what start shows', () => {
  it('is every step, the table, the places and three commands', () => {
    const steps = [...running.text.matchAll(/^ok (\S+( backup)?) /gm)].map(([, step]) => step);
    expect(steps).toEqual([
      ...['full backup', 'incremental backup', 'differential backup', 'recovery', 'comparison', 'check'],
    ]);
    expect(running.text).toMatch(/^what +files +read +stored +dedup +compr\. +seconds +MB\/s$/m);
    expect(running.text).toMatch(/^ok comparison .*: identical, /m);
    expect(running.text).toMatch(new RegExp(`^ {2}repository +${data}/repository$`, 'm'));
    expect(nextCommands(running.text)).toHaveLength(3);
  });

  it('costs no read of an unchanged source', () => {
    expect(running.text).toMatch(/^ok incremental backup +backup-2: 22 files, 0 B read, /m);
    expect(running.text).toMatch(/^ok differential backup +backup-3: 22 files, 0 B read, /m);
  });

  it.for([0, 1, 2])('names a command that works as printed: number %i', async (index, { skip }) => {
    const command = nextCommands(running.text)[index] ?? '';
    const tool = command.split(' ')[0] ?? '';
    if ((tool === 'aws' || tool === 'restic') && !hasTool(tool)) skip();
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { cwd: folder });
    if (tool === 'restic') expect(stdout).toContain('no errors were found');
    if (tool !== 'aws') return;
    const { recovery } = JSON.parse(readFileSync(join(folder, 'response.json'), 'utf8')) as {
      recovery: { recovery_id: string };
    };
    const watched = await answer('recovery', recovery.recovery_id, '--watch');
    expect(watched).toMatchObject({ recovery: { status: 'completed', target_system: 'prod-db-01' } });
    expect(existsSync(join(data, 'recovered/prod-db-01/docs/deep/data.json'))).toBe(true);
  });
});

describe('backupctl on the running platform', () => {
  it('answers first whether everything is protected', async () => {
    const status = await ask('status');
    expect(status).toMatchObject({ status: 0 });
    expect(status.stdout).toMatch(/^Protected: /);
    expect(status.stdout).toContain('documents');
    expect(await answer('status', '--check')).toMatchObject({ sources: [{ verdict: 'protected', points: 3 }] });
  });

  it('reaches the platform by its address too', async () => {
    const { endpoint_url } = JSON.parse(readFileSync(join(data, 'endpoint.json'), 'utf8')) as { endpoint_url: string };
    const ran = await runBackupctl(['points', '--endpoint-url', endpoint_url]);
    expect(ran.stdout).toMatch(/^backup-3 +documents +differential /m);
  });

  it('runs a backup and waits for it, with progress and the point as JSON lines', async () => {
    appendFileSync(join(source, 'docs/file-1.txt'), 'one line more\n');
    const ran = await ask('run', 'documents', '--watch', '--json');
    expect(ran.status).toBe(0);
    const objects = objectsOf(ran);
    expect(objects.at(-1)).toMatchObject({
      job: { status: 'completed', backup_type: 'incremental' },
      point: { evidence: { files_changed: 1, files_new: 0 } },
    });
    for (const object of objects.slice(0, -1)) {
      expect(object).toMatchObject({ progress: { step: 'incremental backup' } });
    }
    const { jobs } = (await answer('jobs', '--limit', '1')) as { jobs: { backup_id: string }[] };
    const job = await ask('job', jobs[0]?.backup_id ?? '');
    expect(job.stdout).toMatch(/^ {2}status +completed$/m);
  });

  it('starts no second job for the same request id', async () => {
    const first = (await answer('run', 'documents', '--request-id', 'same', '--watch')) as {
      job: { backup_id: string };
    };
    const second = (await answer('run', 'documents', '--request-id', 'same')) as { job: { backup_id: string } };
    expect(second.job.backup_id).toBe(first.job.backup_id);
  });

  it('recovers a part of a point, after a dry run that writes nothing', async () => {
    mkdirSync(join(folder, 'targets'));
    const path = join(folder, 'targets/part');
    expect(await answer('targets', 'add', 'part', '--path', path)).toMatchObject({ target: { target_system: 'part' } });
    const part = ['recover', 'backup-1', '--target', 'part', '--include', '*.json'] as const;
    const dry = await answer(...part, '--dry-run', '--watch');
    expect(dry).toMatchObject({ recovery: { dry_run: true, status: 'completed', result: { files_total: 1 } } });
    expect(existsSync(path)).toBe(false);
    const recovered = await ask(...part, '--watch');
    expect(recovered).toMatchObject({ status: 0 });
    expect(recovered.stdout).toMatch(/^ {2}written +1 file, /m);
    expect(readFileSync(join(path, 'docs/deep/data.json'), 'utf8')).toBe('{"kind":"data"}');
    expect(existsSync(join(path, 'empty'))).toBe(false);
  });

  it('verifies what a recovery wrote, and ends with VERIFY_MISMATCH when it is no longer so', async () => {
    const path = join(folder, 'targets/verified');
    await answer('targets', 'add', 'verified', '--path', path);
    const { recovery } = (await answer('recover', 'backup-1', '--target', 'verified', '--watch')) as {
      recovery: { recovery_id: string };
    };
    const { recovery_id: id } = recovery;
    expect(await answer('verify', id, '--watch')).toMatchObject({ recovery: { verification: { mismatch_count: 0 } } });
    writeFileSync(join(path, 'docs/deep/data.json'), '{"kind":"atad"}');
    const ran = await ask('verify', id, '--watch');
    expectError(ran, 4, 'VERIFY_MISMATCH');
    expect(ran.stdout).toContain('docs/deep/data.json');
    expectError(await ask('cancel', id), 5, 'RECOVERY_ENDED');
    expect((await ask('recoveries', '--status', 'completed')).stdout).toContain(id);
  });

  it('makes, previews, disables and removes a schedule', async () => {
    const preview = await ask('schedules', 'preview', '--cron', '30 2 * * *', '--time-zone', 'Europe/Berlin');
    expect(preview.stdout.trimEnd().split('\n')).toHaveLength(5);
    const { schedule } = (await answer(
      'schedules',
      'add',
      'nightly',
      '--source',
      'documents',
      '--cron',
      '30 2 * * *',
    )) as {
      schedule: { schedule_id: string };
    };
    const { schedule_id: id } = schedule;
    expect((await ask('schedules')).stdout).toMatch(new RegExp(`^${id} +nightly +documents +incremental +30 2 `, 'm'));
    expect(await answer('schedules', 'disable', id)).toMatchObject({ schedule: { enabled: false, next_due_at: null } });
    expect(await answer('schedules', 'enable', id)).toMatchObject({ schedule: { enabled: true } });
    expect(await answer('schedules', 'remove', id)).toEqual({ schedule_id: id });
    expectError(await ask('schedules', 'preview', id), 3, 'SCHEDULE_NOT_FOUND');
  });

  it('holds and releases a point, and plans retention before it removes', async () => {
    expect(await answer('hold', 'backup-1', '--reason', 'audit')).toMatchObject({ point: { hold_reason: 'audit' } });
    expect((await ask('points')).stdout).toMatch(/^backup-1 .* audit$/m);
    expect(await answer('release', 'backup-1')).toMatchObject({ point: { hold_reason: null } });
    const file = join(folder, 'plan.json');
    const plan = await ask('retention', 'plan', '--out', file);
    expect(plan.stdout).toMatch(/^Plan of .* stay, 0 to be removed\.$/m);
    expectError(await ask('retention', 'plan', '--out', file), 5, 'FILE_EXISTS');
    expect(await answer('retention', 'apply', '--plan', file)).toMatchObject({ removed: [] });
    writeFileSync(join(folder, 'not-a-plan.json'), '{"decisions": 1}');
    expectError(await ask('retention', 'apply', '--plan', 'not-a-plan.json'), 2, 'REQUEST_INVALID');
    expectError(await ask('retention', 'apply', '--plan', 'none.json'), 2, 'FILE_UNREADABLE');
  });

  it('registers another source into the same repository', async () => {
    const other = join(folder, 'other');
    makeSource(other);
    const repository = ['--repository', join(data, 'repository'), '--password-secret', 'repository-password'];
    const added = await answer('sources', 'add', 'other', '--path', other, '--exclude', 'docs/', ...repository);
    expect(added).toMatchObject({ source: { settings: { excludes: ['docs/'] } } });
    expect(await answer('run', 'other', '--watch')).toMatchObject({ point: { evidence: { files_new: 1 } } });
    expect((await ask('sources')).stdout).toMatch(/^other +filesystem /m);
  });

  it.each([
    ['an unknown backup id', 3, 'BACKUP_NOT_FOUND', ['recover', 'backup-999', '--target', 'prod-db-01']],
    ['an id that is none', 2, 'REQUEST_INVALID', ['recover', 'backup-0; drop', '--target', 'prod-db-01']],
    ['an unknown target', 3, 'TARGET_UNKNOWN', ['recover', 'backup-1', '--target', 'prod-db-99']],
    ['an unknown source', 3, 'SOURCE_UNKNOWN', ['run', 'nothing']],
    ['an unknown job', 3, 'BACKUP_NOT_FOUND', ['job', 'backup-999']],
    ['an unknown recovery', 3, 'RECOVERY_NOT_FOUND', ['recovery', 'recovery-999', '--watch']],
    ['a cron expression that is none', 2, 'CRON_INVALID', ['schedules', 'preview', '--cron', '61 * * * *']],
    ['a path with ..', 2, 'REQUEST_INVALID', ['targets', 'add', 'x', '--path', '/srv/../etc']],
    ['a target inside the source', 2, 'TARGET_INSIDE_SOURCE', ['recover', 'backup-1', '--target', 'inside']],
  ] as const)('refuses %s', async (_what, status, code, args) => {
    if (code === 'TARGET_INSIDE_SOURCE') await answer('targets', 'add', 'inside', '--path', join(source, 'inside'));
    expectError(await ask(...args), status, code);
    expect(existsSync(join(source, 'inside'))).toBe(false);
  });

  it('ends with the error of a job that failed', async () => {
    const gone = join(folder, 'gone');
    const repository = ['--repository', join(data, 'repository'), '--password-secret', 'repository-password'];
    await answer('sources', 'add', 'gone', '--path', gone, ...repository);
    expectError(await ask('run', 'gone', '--watch'), 8, 'SOURCE_MISSING');
    expectError(await ask('status', '--check'), 4, 'FINDINGS');
  });

  it('refuses a second platform on the same data', async () => {
    const ran = await runBackupctl(['start', '--once', '--data', data, '--source', source]);
    expectError(ran, 5, 'DATA_IN_USE');
  });
});

describe('Ctrl-C', () => {
  it('drains, leaves nothing behind but data, and ends with 0', async () => {
    expect(agentPids(data).some(isRunning)).toBe(true);
    running.child.kill('SIGINT');
    const ran = await running.ended;
    expect(ran.status).toBe(0);
    expect(ran.stderr).not.toContain('error');
    expect(ran.stdout).toMatch(/Stopping: .*\nThe platform has stopped\. Its data stays in .*\n$/);
    expect(agentPids(data).filter(isRunning)).toEqual([]);
    expect(existsSync(join(data, 'endpoint.json'))).toBe(false);
    expectError(await ask('status'), 6, 'PLATFORM_NOT_RUNNING');
  });
});
