import { rowOf, type BackupId } from '@enterprise-backup/contracts/ids';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import { forgetPoints } from '@enterprise-backup/schema/statements/forget-points';
import { transaction } from '@enterprise-backup/schema/transaction';
import { waitForLockWait } from '@enterprise-backup/test-support/lock-waits';
import { describe, expect, it } from 'vitest';
import {
  describeOnEachEngine,
  recordJob,
  recordPoint,
  registerSystems,
  registerTarget,
  startOfTests,
} from './recovery-under-test.ts';

describeOnEachEngine('the recovery function', (recovery, engine) => {
  const point = async (): Promise<BackupId> => {
    await registerSystems(recovery());
    return `backup-${await recordPoint(recovery())}` as BackupId;
  };

  it('starts a recovery by the request of the documentation, as it stands', async () => {
    const { handle, rows } = recovery();
    const backup_id = await point();
    const event = { backup_id, target_system: 'prod-db-01' };
    const answer = await handle(event, { awsRequestId: 'invocation-1' });
    expect(answer).toEqual({
      recovery: {
        recovery_id: expect.stringMatching(/^recovery-\d+$/) as unknown,
        backup_id,
        source_system: 'files-01',
        target_system: 'prod-db-01',
        include: [],
        dry_run: false,
        status: 'pending',
        created_at: startOfTests,
        started_at: null,
        completed_at: null,
        attempts: 0,
        expected_seconds: null,
        progress: {
          phase: 'waiting',
          bytes_done: 0,
          bytes_total: null,
          files_done: 0,
          files_total: null,
          percent: null,
          bytes_per_second: null,
          eta_seconds: null,
        },
        result: null,
        verification: null,
        verification_status: null,
        verification_error: null,
        error: null,
      },
    });
    expect((await rows()).tasks).toMatchObject([
      {
        kind: 'recovery',
        status: 'pending',
        specification: {
          kind: 'recovery',
          backup_id,
          snapshot_id: Number(backup_id.slice('backup-'.length)).toString(16).padStart(64, '0'),
          source_path: '/srv/data',
          target: { kind: 'filesystem', path: '/restore' },
          include: [],
          repository: { location: '/backup', password_secret: 'main' },
          dry_run: false,
        },
      },
    ]);
  });

  it('plans with the patterns of the request', async () => {
    const { call, rows } = recovery();
    const backup_id = await point();
    const { recovery: planned } = await call('plan', { backup_id, target_system: 'prod-db-01', include: ['*.conf'] });
    expect(planned).toMatchObject({ dry_run: true, include: ['*.conf'], status: 'pending' });
    expect((await rows()).tasks).toMatchObject([{ specification: { dry_run: true, include: ['*.conf'] } }]);
  });

  describe('answers the recovery that the first call started', () => {
    it('for the same request_id', async () => {
      const { call, rows, output } = recovery();
      const backup_id = await point();
      const request = { backup_id, target_system: 'prod-db-01', request_id: 'ticket-7' };
      const first = await call('start', request);
      const before = await rows();
      expect(await call('start', request)).toEqual(first);
      expect(await rows()).toEqual(before);
      expect(output.published).toEqual([{ name: 'RecoveriesStarted', unit: 'Count', value: 1 }]);
      const another = `backup-${await recordPoint(recovery())}` as BackupId;
      for (const other of [
        () => call('start', { ...request, include: ['a'] }),
        () => call('plan', request),
        () => call('start', { ...request, backup_id: another }),
      ]) {
        await expect(other()).rejects.toMatchObject({ code: 'REQUEST_ID_REUSED' });
      }
    });

    it('for a repeated invocation without a request_id, as Lambda repeats an Event invocation', async () => {
      const { call } = recovery();
      const request = { backup_id: await point(), target_system: 'prod-db-01' };
      const first = await call('start', request, 'invocation-1');
      expect(await call('start', request, 'invocation-1')).toEqual(first);
      const second = await call('start', request, 'invocation-2');
      expect(second.recovery.recovery_id).not.toBe(first.recovery.recovery_id);
      expect((await call('list', {})).recoveries).toHaveLength(2);
    });

    it('also when twenty calls come at the same time', async () => {
      const { call, rows } = recovery();
      const request = { backup_id: await point(), target_system: 'prod-db-01', request_id: 'ticket-7' };
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('start', request)));
      expect(new Set(answers.map((answer) => answer.recovery.recovery_id)).size).toBe(1);
      expect((await rows()).tasks).toHaveLength(1);
    });
  });

  it('refuses each wrong request with its code, and changes nothing', async () => {
    const { handle, catalog, rows } = recovery();
    const backup_id = await point();
    const pending = `backup-${await recordJob(recovery())}`;
    const forgotten = await recordPoint(recovery());
    await forgetPoints(catalog, [forgotten], new Date(startOfTests));
    const targets = { inside: '/srv/data/inner', same: '/srv/data', around: '/srv', root: '/' };
    for (const [name, path] of Object.entries(targets)) await registerTarget(recovery(), name, path);
    const target_system = 'prod-db-01';
    const refused: readonly (readonly [string, unknown, string])[] = [
      ['nothing', undefined, 'REQUEST_INVALID'],
      ['an empty object', {}, 'REQUEST_INVALID'],
      ['a text', 'backup-1', 'REQUEST_INVALID'],
      ['a request without a target', { backup_id }, 'REQUEST_INVALID'],
      ['a request with a wrong type', { backup_id: 123, target_system }, 'REQUEST_INVALID'],
      ['a misspelt field', { backup_id, target_system, includes: [] }, 'REQUEST_INVALID'],
      ['a malformed id', { backup_id: 'backup-0', target_system }, 'REQUEST_INVALID'],
      ['an id that is an injection', { backup_id: "backup-1' or '1'='1", target_system }, 'REQUEST_INVALID'],
      ['an unknown action', { action: 'destroy', backup_id, target_system }, 'ACTION_UNKNOWN'],
      ['an unknown backup', { backup_id: 'backup-999999', target_system }, 'BACKUP_NOT_FOUND'],
      ['a backup that has not been completed', { backup_id: pending, target_system }, 'BACKUP_NOT_RESTORABLE'],
      ['a point that retention removed', { backup_id: `backup-${forgotten}`, target_system }, 'BACKUP_NOT_RESTORABLE'],
      ['an unknown target', { backup_id, target_system: 'prod-db-99' }, 'TARGET_UNKNOWN'],
      ['a target with a name for a path', { backup_id, target_system: '../etc' }, 'REQUEST_INVALID'],
      ...Object.keys(targets).map(
        (name) => [`a target ${name}`, { backup_id, target_system: name }, 'TARGET_INSIDE_SOURCE'] as const,
      ),
      ['a plan over the source', { action: 'plan', backup_id, target_system: 'same' }, 'TARGET_INSIDE_SOURCE'],
      ['progress of an unknown recovery', { action: 'progress', recovery_id: 'recovery-999999' }, 'RECOVERY_NOT_FOUND'],
      [
        'a verification of an unknown recovery',
        { action: 'verify', recovery_id: 'recovery-999999' },
        'RECOVERY_NOT_FOUND',
      ],
      [
        'a cancellation of an unknown recovery',
        { action: 'cancel', recovery_id: 'recovery-999999' },
        'RECOVERY_NOT_FOUND',
      ],
      ['an id of another kind', { action: 'progress', recovery_id: 'backup-1' }, 'REQUEST_INVALID'],
      ['a status that no recovery has', { action: 'list', status: 'lost' }, 'REQUEST_INVALID'],
    ];
    const before = await rows();
    for (const [name, event, code] of refused) {
      const outcome = await handle(event, { awsRequestId: 'request-1' }).catch((error: unknown) => error);
      expect(outcome, name).toMatchObject({ name: code, code, hint: expect.stringMatching(/\.$/) as unknown });
      expect(await rows(), name).toEqual(before);
    }
  });

  it('refuses a target over the folder that the source has been moved to, and over the one that it had', async () => {
    const { call, catalog } = recovery();
    const backup_id = await point();
    await catalog
      .knex('source_systems')
      .update({ settings: { kind: 'filesystem', path: '/srv/moved', excludes: [], allow_empty: false } });
    await registerTarget(recovery(), 'old', '/srv/data');
    await registerTarget(recovery(), 'new', '/srv/moved/inner');
    for (const target_system of ['old', 'new']) {
      await expect(call('start', { backup_id, target_system })).rejects.toMatchObject({ code: 'TARGET_INSIDE_SOURCE' });
    }
  });

  // On SQLite there is one transaction at a time that writes.
  if (engine === 'MariaDB') {
    it('waits for retention that is about to remove the point, and starts nothing then', async () => {
      const { call, catalog, rows, settings } = recovery();
      const backup_id = await point();
      const other = await connectCatalog(settings);
      try {
        const started = await transaction(other, async (session) => {
          await forgetPoints(session, [rowOf(backup_id)], new Date(startOfTests));
          const starting = call('start', { backup_id, target_system: 'prod-db-01' });
          await waitForLockWait(catalog, starting);
          return { starting };
        });
        await expect(started.starting).rejects.toMatchObject({ code: 'BACKUP_NOT_RESTORABLE' });
        expect((await rows()).recoveries).toEqual([]);
      } finally {
        await other.close();
      }
    });
  }

  describe('a cancellation', () => {
    it('ends a recovery that waits at once, and may be repeated', async () => {
      const { call, clock, rows } = recovery();
      const { recovery_id } = (await call('start', { backup_id: await point(), target_system: 'prod-db-01' })).recovery;
      clock.advance(5);
      const cancelled = await call('cancel', { recovery_id });
      expect(cancelled.recovery).toMatchObject({
        status: 'cancelled',
        completed_at: '2026-05-01T00:00:05.000Z',
        error: { code: 'CANCELLED' },
      });
      expect((await rows()).tasks).toMatchObject([{ status: 'cancelled' }]);
      clock.advance(5);
      expect(await call('cancel', { recovery_id })).toEqual(cancelled);
    });
  });

  it('lists recoveries newest first, by status, up to the limit', async () => {
    const { call } = recovery();
    const request = { backup_id: await point(), target_system: 'prod-db-01' };
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await call('start', request)).recovery.recovery_id);
    const listed = async (wanted: Parameters<typeof call<'list'>>[1]) =>
      (await call('list', wanted)).recoveries.map((each) => each.recovery_id);
    expect(await listed({})).toEqual(ids);
    expect(await listed({ limit: 1 })).toEqual(ids.slice(0, 1));
    await call('cancel', { recovery_id: ids[1] as never });
    expect(await listed({ status: 'cancelled' })).toEqual([ids[1]]);
    expect(await listed({ status: 'completed' })).toEqual([]);
  });
});
