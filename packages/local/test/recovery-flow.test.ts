import { randomUUID } from 'node:crypto';
import type { RequestOf, ResponseOf } from '@enterprise-backup/contracts/actions';
import { rowOf, type BackupId, type RecoveryId } from '@enterprise-backup/contracts/ids';
import type { OrchestratorAction, orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { RecoveryAction, recoveryActions } from '@enterprise-backup/contracts/recovery';
import type {
  BackupResult,
  ClaimedTask,
  RecoveryResult,
  TaskSpecification,
  VerifyResult,
} from '@enterprise-backup/contracts/tasks';
import { createOrchestrator } from '@enterprise-backup/orchestrator/create-orchestrator';
import { createRecovery } from '@enterprise-backup/recovery/create-recovery';
import type { Catalog } from '@enterprise-backup/schema/catalog';
import { connectCatalog, type CatalogSettings } from '@enterprise-backup/schema/connect';
import { migrate } from '@enterprise-backup/schema/migrate';
import { insertRecovery } from '@enterprise-backup/schema/statements/insert-recovery';
import { insertTask } from '@enterprise-backup/schema/statements/insert-task';
import { lockRecoveryPoint } from '@enterprise-backup/schema/statements/lock-recovery-point';
import { transaction } from '@enterprise-backup/schema/transaction';
import { catalogEngines, type RunningCatalogEngine } from '@enterprise-backup/test-support/catalog-engines';
import { waitForLockWait } from '@enterprise-backup/test-support/lock-waits';
import { recordedOutput } from '@enterprise-backup/test-support/recorded-output';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { deleteStoredRows, readStoredRows } from '@enterprise-backup/test-support/stored-rows';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const startOfTests = '2026-05-01T00:00:00.000Z';
const progress = { phase: 'writing', bytes_done: 500, bytes_total: 1000, files_done: 1, files_total: 4 } as const;
const passing = { code: 'STORAGE_UNAVAILABLE', message: 'the store is away', hint: 'wait', retryable: true };
const cancelled = { code: 'CANCELLED', message: 'it was cancelled on request', hint: '-', retryable: false };

const backup: BackupResult = {
  kind: 'backup',
  snapshot_id: 'a'.repeat(64) as BackupResult['snapshot_id'],
  source_path: '/srv/files-01',
  files_new: 4,
  files_changed: 0,
  files_unmodified: 0,
  folders: 1,
  bytes_processed: 1000,
  bytes_read: 1000,
  bytes_added: 1000,
  bytes_stored: 600,
  skipped_count: 0,
  skipped: [],
  duration_seconds: 1,
};
const recovered: RecoveryResult = {
  kind: 'recovery',
  dry_run: false,
  files_total: 4,
  bytes_total: 1000,
  files_written: 4,
  bytes_written: 1000,
  files_unchanged: 0,
  files_verified: 4,
  bytes_verified: 1000,
  skipped_count: 0,
  skipped: [],
  duration_seconds: 20,
};
const verified: VerifyResult = {
  kind: 'verify',
  files_verified: 4,
  bytes_verified: 1000,
  mismatch_count: 0,
  mismatches: [],
  duration_seconds: 1,
};

for (const engine of catalogEngines) {
  describe.skipIf(!engine.available)(`a recovery through both functions on ${engine.name}`, () => {
    let running: RunningCatalogEngine;
    let catalog: Catalog;
    let settings: CatalogSettings;
    const clock = setClock(startOfTests);
    const { log, metrics, published } = recordedOutput();

    beforeAll(async () => {
      running = await engine.start();
      settings = await running.emptyCatalog();
      catalog = await connectCatalog(settings);
      await migrate(catalog);
    });
    beforeEach(async () => {
      await deleteStoredRows(catalog);
      clock.set(startOfTests);
      published.length = 0;
    });
    afterAll(async () => {
      await catalog.close();
      await running.stop();
    });

    const steer = async <Name extends OrchestratorAction>(
      action: Name,
      request: RequestOf<typeof orchestratorActions, Name>,
    ): Promise<ResponseOf<typeof orchestratorActions, Name>> => {
      const handle = createOrchestrator({ catalog, clock, log, metrics });
      return (await handle({ action, ...request }, { awsRequestId: randomUUID() })) as never;
    };
    const recover = async <Name extends RecoveryAction>(
      action: Name,
      request: RequestOf<typeof recoveryActions, Name>,
    ): Promise<ResponseOf<typeof recoveryActions, Name>> => {
      const handle = createRecovery({ catalog, clock, log, metrics });
      return (await handle({ action, ...request }, { awsRequestId: randomUUID() })) as never;
    };
    const claim = async (agent_id = 'agent-1'): Promise<ClaimedTask | null> => {
      const kinds = ['backup' as const, 'recovery' as const, 'verify' as const, 'forget' as const];
      return (await steer('claim_task', { agent_id, host_name: 'host-1', version: '0.1.0', kinds })).task;
    };
    const claimSome = async (agent_id = 'agent-1'): Promise<ClaimedTask> => {
      const task = await claim(agent_id);
      if (task === null) throw new Error('no task waits');
      return task;
    };
    const held = ({ task_id, lease }: ClaimedTask) => ({
      task_id,
      agent_id: lease.owner,
      generation: lease.generation,
    });

    /** A source with one point and the target `prod-db-01`. */
    const protect = async (): Promise<BackupId> => {
      await steer('register_source', {
        source_system: 'files-01',
        settings: { kind: 'filesystem', path: '/srv/files-01' },
        repository: { location: '/backup', password_secret: 'main' },
      });
      await steer('register_target', {
        target_system: 'prod-db-01',
        settings: { kind: 'filesystem', path: '/restore' },
      });
      const { job } = await steer('start_backup', { source_system: 'files-01', retention_days: 1 });
      await steer('complete_task', { ...held(await claimSome()), result: backup });
      return job.backup_id;
    };
    const start = async (backup_id: BackupId, include: string[] = []): Promise<RecoveryId> =>
      (await recover('start', { backup_id, target_system: 'prod-db-01', include })).recovery.recovery_id;
    const state = async (recovery_id: RecoveryId) => (await recover('progress', { recovery_id })).recovery;
    const provenAt = async () => (await steer('list_points', {})).points[0]?.last_proven_at;

    it('is shown as it proceeds, and proves its point', async () => {
      const recovery_id = await start(await protect());
      clock.advance(10);
      const task = await claimSome();
      expect(await state(recovery_id)).toMatchObject({
        status: 'running',
        attempts: 1,
        started_at: '2026-05-01T00:00:10.000Z',
      });
      clock.advance(10);
      await steer('report_progress', { ...held(task), progress });
      expect((await state(recovery_id)).progress).toEqual({
        ...progress,
        percent: 50,
        bytes_per_second: 50,
        eta_seconds: 10,
      });
      clock.advance(10);
      await steer('complete_task', { ...held(task), result: recovered });
      expect(await state(recovery_id)).toMatchObject({
        status: 'completed',
        completed_at: '2026-05-01T00:00:30.000Z',
        result: recovered,
        error: null,
        progress: { phase: 'done', percent: 100, bytes_done: 1000, bytes_per_second: 50, eta_seconds: 0 },
      });
      expect(await provenAt()).toBe('2026-05-01T00:00:30.000Z');
      expect((await steer('status', {})).sources[0]?.last_proven_at).toBe('2026-05-01T00:00:30.000Z');
      expect(published).toContainEqual({ name: 'RecoveryDuration', unit: 'Seconds', value: 20 });
    });

    it.each([
      ['a part', ['*.conf'], recovered],
      ['one with unverified files', [], { ...recovered, files_verified: 3 }],
    ])('proves nothing when it is %s', async (_, include, result) => {
      await start(await protect(), include);
      await steer('complete_task', { ...held(await claimSome()), result });
      expect(await provenAt()).toBeNull();
    });

    it('proves nothing when it is a plan, and a plan cannot be verified', async () => {
      const backup_id = await protect();
      const { recovery_id } = (await recover('plan', { backup_id, target_system: 'prod-db-01' })).recovery;
      await steer('complete_task', { ...held(await claimSome()), result: { ...recovered, dry_run: true } });
      expect(await state(recovery_id)).toMatchObject({ status: 'completed', dry_run: true });
      expect(await provenAt()).toBeNull();
      await expect(recover('verify', { recovery_id })).rejects.toMatchObject({ code: 'RECOVERY_NOT_COMPLETED' });
    });

    it('expects the time that earlier ones took', async () => {
      const backup_id = await protect();
      await start(backup_id);
      await steer('complete_task', { ...held(await claimSome()), result: recovered });
      expect((await state(await start(backup_id))).expected_seconds).toBe(20);
      expect((await state(await start(backup_id, ['*.conf']))).expected_seconds).toBeNull();
    });

    it('goes before backups that wait longer, and two into one target run one after the other', async () => {
      const backup_id = await protect();
      await steer('start_backup', { source_system: 'files-01' });
      clock.advance(60);
      const [first, second] = [await start(backup_id), await start(backup_id)];
      const task = await claimSome('agent-1');
      expect(task.specification).toMatchObject({ kind: 'recovery', recovery_id: first });
      expect((await claimSome('agent-2')).specification.kind).toBe('backup');
      expect(await claim('agent-3')).toBeNull();
      await steer('complete_task', { ...held(task), result: recovered });
      expect((await claimSome('agent-3')).specification).toMatchObject({ recovery_id: second });
    });

    it('returns when its agent is lost, and fails with its last error', async () => {
      const recovery_id = await start(await protect());
      const lost = await claimSome('agent-1');
      clock.advance(60);
      const task = await claimSome('agent-2');
      expect(await state(recovery_id)).toMatchObject({ attempts: 2, error: { code: 'AGENT_STOPPED' } });
      await expect(steer('complete_task', { ...held(lost), result: recovered })).rejects.toMatchObject({
        code: 'LEASE_LOST',
      });
      await steer('fail_task', { ...held(task), error: passing });
      expect(await state(recovery_id)).toMatchObject({ status: 'pending', error: passing });
      clock.advance(60);
      const error = { ...passing, code: 'PASSWORD_WRONG', retryable: false };
      await steer('fail_task', { ...held(await claimSome()), error });
      expect(await state(recovery_id)).toMatchObject({ status: 'failed', attempts: 3, error });
      await expect(recover('cancel', { recovery_id })).rejects.toMatchObject({ code: 'RECOVERY_ENDED' });
      await expect(recover('verify', { recovery_id })).rejects.toMatchObject({ code: 'RECOVERY_NOT_COMPLETED' });
      expect(published).toContainEqual({ name: 'RecoveriesFailed', unit: 'Count', value: 1 });
    });

    it('uses the secret of now and the target of then', async () => {
      const backup_id = await protect();
      await start(backup_id);
      await steer('register_target', { target_system: 'prod-db-01', settings: { kind: 'filesystem', path: '/other' } });
      await steer('register_source', {
        source_system: 'files-01',
        settings: { kind: 'filesystem', path: '/srv/files-01' },
        repository: { location: '/backup', password_secret: 'corrected' },
      });
      expect((await claimSome()).specification).toMatchObject({
        target: { path: '/restore' },
        repository: { password_secret: 'corrected' },
      });
    });

    describe('that is cancelled while it runs', () => {
      const cancelRunning = async () => {
        const recovery_id = await start(await protect());
        const task = await claimSome();
        expect((await recover('cancel', { recovery_id })).recovery.status).toBe('running');
        return { recovery_id, task };
      };

      it('is ended by its agent, which sees it in its next report', async () => {
        const { recovery_id, task } = await cancelRunning();
        expect((await steer('report_progress', { ...held(task), progress })).cancel_requested).toBe(true);
        expect(await steer('fail_task', { ...held(task), error: cancelled })).toMatchObject({ will_retry: false });
        expect(await state(recovery_id)).toMatchObject({ status: 'cancelled', error: cancelled });
        expect(await claim()).toBeNull();
        expect((await recover('cancel', { recovery_id })).recovery.status).toBe('cancelled');
      });

      it('is ended by the end of the lease when its agent is gone', async () => {
        const { recovery_id, task } = await cancelRunning();
        clock.advance(60);
        expect((await steer('tick', {})).tasks_failed).toEqual([task.task_id]);
        expect(await state(recovery_id)).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
      });

      it.each([
        ['gives it back', (task: ClaimedTask) => steer('release_task', held(task))],
        ['fails', (task: ClaimedTask) => steer('fail_task', { ...held(task), error: passing })],
      ])('is not tried again when its agent %s', async (_, end) => {
        const { recovery_id, task } = await cancelRunning();
        await end(task);
        expect(await state(recovery_id)).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
        clock.advance(3600);
        expect(await claim()).toBeNull();
      });

      it('is completed when its agent was faster', async () => {
        const { recovery_id, task } = await cancelRunning();
        await steer('complete_task', { ...held(task), result: recovered });
        expect(await state(recovery_id)).toMatchObject({ status: 'completed' });
      });
    });

    describe('that is verified', () => {
      const complete = async (result = { ...recovered, files_verified: 0, bytes_verified: 0 }) => {
        const recovery_id = await start(await protect());
        await steer('complete_task', { ...held(await claimSome()), result });
        return recovery_id;
      };

      it('shows the outcome, proves the point, and is verified once at a time', async () => {
        const recovery_id = await complete();
        expect(await provenAt()).toBeNull();
        const asked = await recover('verify', { recovery_id });
        expect(asked.recovery).toMatchObject({
          status: 'completed',
          verification: null,
          verification_status: 'pending',
        });
        expect(await recover('verify', { recovery_id })).toEqual(asked);
        const task = await claimSome();
        expect(task.specification).toMatchObject({ kind: 'verify', recovery_id, target: { path: '/restore' } });
        await steer('complete_task', { ...held(task), result: verified });
        expect(await state(recovery_id)).toMatchObject({
          status: 'completed',
          verification: verified,
          verification_status: 'completed',
          verification_error: null,
        });
        expect(await provenAt()).toBe(startOfTests);
        expect(await claim()).toBeNull();
        expect((await recover('verify', { recovery_id })).recovery).toMatchObject({
          verification: null,
          verification_status: 'pending',
        });
      });

      it('shows mismatches and proves nothing by them', async () => {
        const recovery_id = await complete();
        await recover('verify', { recovery_id });
        const result = { ...verified, mismatch_count: 1, mismatches: [{ path: 'a', code: 'X', message: 'differs' }] };
        await steer('complete_task', { ...held(await claimSome()), result });
        expect((await state(recovery_id)).verification).toEqual(result);
        expect(await provenAt()).toBeNull();
      });

      it('stays completed when the verification fails, and shows why', async () => {
        const recovery_id = await complete();
        await recover('verify', { recovery_id });
        const error = { ...passing, retryable: false };
        await steer('fail_task', { ...held(await claimSome()), error });
        expect(await state(recovery_id)).toMatchObject({
          status: 'completed',
          error: null,
          verification_status: 'failed',
          verification_error: error,
        });
      });
    });

    describe('and retention', () => {
      it('leave a point that a recovery waits for, and offer none that is removed', async () => {
        const backup_id = await protect();
        clock.advance(60);
        await steer('start_backup', { source_system: 'files-01' });
        const newer = { ...backup, snapshot_id: 'b'.repeat(64) as BackupResult['snapshot_id'] };
        await steer('complete_task', { ...held(await claimSome()), result: newer });
        clock.set('2026-05-10T00:00:00.000Z');
        const { plan } = await steer('plan_retention', {});
        expect(plan.decisions[0]).toMatchObject({ backup_id, keep: false });

        const recovery_id = await start(backup_id);
        await expect(steer('apply_retention', { plan })).rejects.toMatchObject({
          code: 'PLAN_STALE',
          message: expect.stringContaining('a recovery of it waits or runs') as unknown,
        });
        await recover('cancel', { recovery_id });
        await steer('apply_retention', { plan });
        await expect(start(backup_id)).rejects.toMatchObject({ code: 'BACKUP_NOT_RESTORABLE' });
      });

      // On SQLite there is one transaction at a time that writes.
      if (engine.name === 'MariaDB') {
        it('wait for each other: a recovery that is about to be written keeps its point', async () => {
          const backup_id = await protect();
          clock.advance(60);
          await steer('start_backup', { source_system: 'files-01' });
          const newer = { ...backup, snapshot_id: 'b'.repeat(64) as BackupResult['snapshot_id'] };
          await steer('complete_task', { ...held(await claimSome()), result: newer });
          clock.set('2026-05-10T00:00:00.000Z');
          const { plan } = await steer('plan_retention', {});
          const other = await connectCatalog(settings);
          try {
            const { applying } = await transaction(other, async (session) => {
              await lockRecoveryPoint(session, rowOf(backup_id));
              const recovery_id = await insertRecovery(session, {
                job_id: rowOf(backup_id),
                target_system: 'prod-db-01',
                include_patterns: [],
                dry_run: false,
                created_at: clock.now(),
              });
              const [task] = (await readStoredRows(session)).tasks;
              await insertTask(session, {
                kind: 'recovery',
                recovery_id,
                specification: task?.['specification'] as TaskSpecification,
                not_before: clock.now(),
                created_at: clock.now(),
              });
              const applied = steer('apply_retention', { plan });
              await waitForLockWait(catalog, applied);
              return { applying: applied };
            });
            await expect(applying).rejects.toMatchObject({ code: 'PLAN_STALE' });
          } finally {
            await other.close();
          }
        });
      }

      it('decide for one of the two when both come at the same time', async () => {
        const backup_id = await protect();
        clock.advance(60);
        await steer('start_backup', { source_system: 'files-01' });
        const newer = { ...backup, snapshot_id: 'b'.repeat(64) as BackupResult['snapshot_id'] };
        await steer('complete_task', { ...held(await claimSome()), result: newer });
        clock.set('2026-05-10T00:00:00.000Z');
        const { plan } = await steer('plan_retention', {});
        const [removal, recovery] = await Promise.allSettled([steer('apply_retention', { plan }), start(backup_id)]);
        expect([removal.status, recovery.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        const { tasks } = await readStoredRows(catalog);
        expect(tasks.filter((task) => task['status'] === 'pending')).toHaveLength(1);
      });
    });
  });
}
