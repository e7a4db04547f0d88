import type { TaskId } from '@enterprise-backup/contracts/ids';
import type { ClaimedTask } from '@enterprise-backup/contracts/tasks';
import { describe, expect, it } from 'vitest';
import { describeOnEachEngine } from './each-engine.ts';
import {
  backupResult,
  claim,
  claimSome,
  complete,
  heldOf,
  makePoint,
  registerSource,
  type OrchestratorUnderTest,
} from './orchestrator-under-test.ts';

const progress = { phase: 'reading', bytes_done: 10, bytes_total: 100, files_done: 1, files_total: 5 } as const;
const passing = { code: 'STORAGE_UNAVAILABLE', message: 'the store is away', hint: 'wait', retryable: true };
const lasting = { code: 'PASSWORD_WRONG', message: 'the password is wrong', hint: 'correct it', retryable: false };

/** Every call of a holder, each refused when the lease is not the current one. */
const holderCalls = {
  report_progress: ({ call }: OrchestratorUnderTest, task: ClaimedTask) =>
    call('report_progress', { ...heldOf(task), progress }),
  complete_task: ({ call }: OrchestratorUnderTest, task: ClaimedTask) =>
    call('complete_task', { ...heldOf(task), result: backupResult() }),
  fail_task: ({ call }: OrchestratorUnderTest, task: ClaimedTask) =>
    call('fail_task', { ...heldOf(task), error: passing }),
  release_task: ({ call }: OrchestratorUnderTest, task: ClaimedTask) => call('release_task', heldOf(task)),
};

describeOnEachEngine('leases', (orchestrator) => {
  /** Registers the source and starts a job of it. */
  const startJob = async (source_system = 'files-01', backup_type: 'full' | 'incremental' = 'incremental') => {
    await registerSource(orchestrator(), source_system);
    return (await orchestrator().call('start_backup', { source_system, backup_type })).job;
  };
  const taskRow = async (task: Pick<ClaimedTask, 'task_id'>) =>
    (await orchestrator().rows()).tasks.find((row) => `task-${String(row['id'])}` === task.task_id);
  const job = async () => (await orchestrator().call('list_jobs', {})).jobs[0];

  describe('a claim', () => {
    it('gives the oldest task with everything that the agent needs', async () => {
      const first = await startJob('files-01');
      await startJob('files-02');
      const task = await claimSome(orchestrator(), 'agent-1', 90);
      expect(task).toEqual({
        task_id: expect.stringMatching(/^task-/) as unknown,
        lease: { owner: 'agent-1', generation: 1, expires_at: '2026-05-01T00:01:30.000Z' },
        specification: {
          kind: 'backup',
          backup_id: first.backup_id,
          created_at: '2026-05-01T00:00:00.000Z',
          job_name: 'files-01',
          source_system: 'files-01',
          backup_type: 'incremental',
          retention_days: 30,
          source: { kind: 'filesystem', path: '/srv/files-01', excludes: [], allow_empty: false },
          repository: {
            repository_id: expect.stringMatching(/^repository-/) as unknown,
            location: '/backup/main',
            password_secret: 'main-password',
          },
          repository_has_points: false,
          parent_snapshot_id: null,
        },
      });
      const { job: running } = await orchestrator().call('get_job', { backup_id: first.backup_id });
      expect(running).toMatchObject({ status: 'running', attempts: 1, started_at: '2026-05-01T00:00:00.000Z' });
    });

    it('is null when nothing waits, when nothing of the kinds waits, and for an agent that drains', async () => {
      const { call } = orchestrator();
      expect(await claim(orchestrator())).toBeNull();
      await startJob();
      const agent = { agent_id: 'agent-1', host_name: 'host-1', version: '0.1.0' };
      expect((await call('claim_task', { ...agent, kinds: ['recovery', 'forget'] })).task).toBeNull();
      expect((await call('claim_task', { ...agent, kinds: ['backup'], state: 'draining' })).task).toBeNull();
      expect((await call('status', {})).agents).toMatchObject([{ agent_id: 'agent-1', state: 'draining' }]);
      expect((await call('claim_task', { ...agent, kinds: ['backup'] })).task).not.toBeNull();
      expect((await call('status', {})).agents).toMatchObject([{ agent_id: 'agent-1', state: 'busy' }]);
    });

    it('never runs two tasks of one source at the same time', async () => {
      const { call, clock } = orchestrator();
      await startJob('files-01');
      const running = await claimSome(orchestrator());
      await call('create_schedule', { job_name: 'hourly', source_system: 'files-01', cron_expression: '0 * * * *' });
      clock.set('2026-05-01T01:00:00.000Z');
      await call('report_progress', { ...heldOf(running), progress });
      expect((await call('tick', {})).jobs_created).toHaveLength(1);
      await startJob('files-02');
      const other = await claimSome(orchestrator(), 'agent-2');
      expect(other.specification).toMatchObject({ source_system: 'files-02' });
      expect(await claim(orchestrator(), 'agent-3')).toBeNull();
      await complete(orchestrator(), running);
      expect((await claimSome(orchestrator(), 'agent-3')).specification).toMatchObject({ job_name: 'hourly' });
    });

    it('chooses the parent when the task is claimed and not when the job is made', async () => {
      const { call, clock } = orchestrator();
      await startJob('files-01', 'full');
      const first = await claimSome(orchestrator());
      for (const type of ['incremental', 'differential', 'full'] as const) {
        await call('create_schedule', {
          job_name: type,
          source_system: 'files-01',
          backup_type: type,
          cron_expression: '10 0 * * *',
        });
      }
      clock.set('2026-05-01T00:10:00.000Z');
      await call('report_progress', { ...heldOf(first), progress });
      expect((await call('tick', {})).jobs_created).toHaveLength(3);
      const snapshots: string[] = [];
      const parents: unknown[] = [];
      const finish = async (task: ClaimedTask): Promise<void> => {
        const result = backupResult();
        clock.advance(5);
        await complete(orchestrator(), task, result);
        snapshots.push(result.snapshot_id);
      };
      await finish(first);
      for (let count = 0; count < 3; count += 1) {
        const task = await claimSome(orchestrator());
        if (task.specification.kind !== 'backup') throw new Error('only backups wait');
        const { backup_type, parent_snapshot_id, repository_has_points } = task.specification;
        parents.push([backup_type, parent_snapshot_id, repository_has_points]);
        await finish(task);
      }
      expect(parents).toEqual([
        ['incremental', snapshots[0], true],
        ['differential', snapshots[0], true],
        ['full', null, true],
      ]);
      await startJob('files-01', 'incremental');
      expect((await claimSome(orchestrator())).specification).toMatchObject({ parent_snapshot_id: snapshots[3] });
    });

    it('uses the settings of the source of now, and no parent out of another repository', async () => {
      await registerSource(orchestrator(), 'files-01');
      await makePoint(orchestrator(), 'files-01');
      await orchestrator().call('start_backup', { source_system: 'files-01' });
      await registerSource(orchestrator(), 'files-01', 'new');
      expect((await claimSome(orchestrator())).specification).toMatchObject({
        repository: { location: '/backup/new' },
        repository_has_points: false,
        parent_snapshot_id: null,
      });
    });

    it('fails a task whose source was removed from the table, and goes on with the next one', async () => {
      await startJob('files-01');
      await startJob('files-02');
      await orchestrator().catalog.knex('source_systems').where({ source_system: 'files-01' }).delete();
      expect((await claimSome(orchestrator())).specification).toMatchObject({ source_system: 'files-02' });
      const { jobs } = await orchestrator().call('list_jobs', { status: 'failed' });
      expect(jobs).toMatchObject([{ source_system: 'files-01', error: { code: 'SOURCE_UNKNOWN' } }]);
    });
  });

  describe('a holder', () => {
    it('renews its lease with its progress', async () => {
      const { call, clock } = orchestrator();
      const { backup_id } = await startJob();
      const task = await claimSome(orchestrator());
      clock.advance(40);
      const answer = await call('report_progress', { ...heldOf(task), progress, lease_seconds: 30 });
      expect(answer).toEqual({
        lease: { owner: 'agent-1', generation: 1, expires_at: '2026-05-01T00:01:10.000Z' },
        cancel_requested: false,
      });
      expect((await call('get_job', { backup_id })).job.progress).toEqual({
        ...progress,
        percent: 10,
        bytes_per_second: 0,
        eta_seconds: null,
      });
    });

    it('may renew and complete after its lease ended, as long as nobody has returned the task', async () => {
      const { call, clock } = orchestrator();
      await startJob();
      const task = await claimSome(orchestrator());
      clock.advance(3600);
      await call('report_progress', { ...heldOf(task), progress });
      expect(await claim(orchestrator(), 'agent-2')).toBeNull();
      clock.advance(3600);
      await complete(orchestrator(), task);
      expect(await job()).toMatchObject({ status: 'completed', attempts: 1 });
    });

    it('is refused every other call after it completed its task', async () => {
      const { rows } = orchestrator();
      await startJob();
      const task = await claimSome(orchestrator());
      await complete(orchestrator(), task);
      const before = await rows();
      for (const refused of [holderCalls.report_progress, holderCalls.fail_task, holderCalls.release_task]) {
        await expect(refused(orchestrator(), task)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      }
      expect(await rows()).toEqual(before);
    });

    it.each(Object.entries(holderCalls))('is refused %s after its task was taken over', async (_, refused) => {
      const { clock, rows } = orchestrator();
      await startJob();
      const stale = await claimSome(orchestrator(), 'agent-1');
      clock.advance(61);
      const current = await claimSome(orchestrator(), 'agent-2');
      expect(current).toMatchObject({ task_id: stale.task_id, lease: { owner: 'agent-2', generation: 2 } });
      const before = await rows();
      await expect(refused(orchestrator(), stale)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await rows()).toEqual(before);
      await complete(orchestrator(), current);
      const after = await rows();
      await expect(refused(orchestrator(), stale)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await rows()).toEqual(after);
    });

    it.each(Object.entries(holderCalls))(
      'of the same name is refused %s under its earlier lease',
      async (_, refused) => {
        const { clock, rows } = orchestrator();
        await startJob();
        const stale = await claimSome(orchestrator(), 'agent-1');
        clock.advance(61);
        await claimSome(orchestrator(), 'agent-1');
        const before = await rows();
        await expect(refused(orchestrator(), stale)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        expect(await rows()).toEqual(before);
      },
    );

    it.each(Object.entries(holderCalls))('is refused %s after a tick returned its task', async (_, refused) => {
      const { call, clock, rows } = orchestrator();
      await startJob();
      const stale = await claimSome(orchestrator());
      clock.advance(60);
      expect((await call('tick', {})).tasks_returned).toEqual([stale.task_id]);
      const before = await rows();
      await expect(refused(orchestrator(), stale)).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await rows()).toEqual(before);
    });

    it.each(Object.entries(holderCalls))('of another name or generation is refused %s', async (_, refused) => {
      const { rows } = orchestrator();
      await startJob();
      const task = await claimSome(orchestrator());
      const before = await rows();
      for (const lease of [
        { ...task.lease, owner: 'agent-2' },
        { ...task.lease, generation: 2 },
      ]) {
        await expect(refused(orchestrator(), { ...task, lease })).rejects.toMatchObject({ code: 'LEASE_LOST' });
      }
      const unknown = { ...task, task_id: 'task-999999' as TaskId };
      await expect(refused(orchestrator(), unknown)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
      expect(await rows()).toEqual(before);
    });
  });

  describe('a completed backup', () => {
    it('is a job, a task and a recovery point', async () => {
      const { call, clock, output } = orchestrator();
      const { backup_id } = await startJob('files-01', 'full');
      const task = await claimSome(orchestrator());
      clock.advance(10);
      const result = backupResult();
      await complete(orchestrator(), task, result);
      expect((await call('get_job', { backup_id })).job).toMatchObject({
        status: 'completed',
        completed_at: '2026-05-01T00:00:10.000Z',
        error: null,
        progress: { phase: 'done', percent: 100, bytes_done: 6000, bytes_per_second: 600, files_done: 6 },
      });
      expect((await call('list_points', {})).points).toEqual([
        {
          backup_id,
          snapshot_id: result.snapshot_id,
          job_name: 'files-01',
          source_system: 'files-01',
          backup_type: 'full',
          created_at: '2026-05-01T00:00:10.000Z',
          retention_days: 30,
          expires_at: '2026-05-31T00:00:10.000Z',
          hold_reason: null,
          evidence: result,
          last_proven_at: null,
        },
      ]);
      expect(output.published).toEqual(
        expect.arrayContaining([
          { name: 'JobsCompleted', unit: 'Count', value: 1 },
          { name: 'BytesStored', unit: 'Bytes', value: 3000 },
        ]),
      );
    });

    it('is answered again when the same holder repeats it, and counted once', async () => {
      const { call, clock, output, rows } = orchestrator();
      await startJob();
      const task = await claimSome(orchestrator());
      const result = backupResult();
      await complete(orchestrator(), task, result);
      const before = await rows();
      clock.advance(600);
      expect(await call('complete_task', { ...heldOf(task), result })).toEqual({ task_id: task.task_id });
      expect(await rows()).toEqual(before);
      expect(output.published.filter((metric) => metric.name === 'JobsCompleted')).toHaveLength(1);
    });

    it('needs a result of its kind and a snapshot of its own', async () => {
      const { rows, call } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      const { snapshot_id } = await makePoint(orchestrator(), 'files-01');
      await startJob();
      const task = await claimSome(orchestrator());
      const before = await rows();
      const used = backupResult({ snapshot_id: snapshot_id as never });
      await expect(complete(orchestrator(), task, used)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
      const forgotten = { kind: 'forget', snapshot_ids: [] } as const;
      await expect(
        call('complete_task', { ...heldOf(task), result: { ...forgotten, snapshot_ids: [] } }),
      ).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
      expect(await rows()).toEqual(before);
      await complete(orchestrator(), task);
    });
  });

  describe('a failed attempt', () => {
    it('waits longer each time and fails the job with the last error', async () => {
      const { call, clock } = orchestrator();
      await startJob();
      for (const [attempt, wait] of [15, 60, 240, 900].entries()) {
        const task = await claimSome(orchestrator());
        expect(await call('fail_task', { ...heldOf(task), error: passing })).toMatchObject({ will_retry: true });
        expect(await job()).toMatchObject({ status: 'pending', attempts: attempt + 1, error: passing, progress: null });
        clock.advance(wait - 1);
        expect(await claim(orchestrator())).toBeNull();
        clock.advance(1);
      }
      const last = await claimSome(orchestrator());
      expect(last.lease.generation).toBe(5);
      expect(await call('fail_task', { ...heldOf(last), error: passing })).toMatchObject({ will_retry: false });
      expect(await job()).toMatchObject({ status: 'failed', attempts: 5, error: passing });
      expect(await taskRow(last)).toMatchObject({ status: 'failed', error: passing });
      expect(orchestrator().output.published.filter((metric) => metric.name === 'JobsFailed')).toHaveLength(1);
    });

    it('that a person has to mend fails the job at once', async () => {
      await startJob();
      const task = await claimSome(orchestrator());
      const { will_retry } = await orchestrator().call('fail_task', { ...heldOf(task), error: lasting });
      expect(will_retry).toBe(false);
      expect(await job()).toMatchObject({ status: 'failed', error: lasting });
      expect(await claim(orchestrator())).toBeNull();
    });

    it('leaves no error in a job that is completed later', async () => {
      const { call, clock } = orchestrator();
      await startJob();
      await call('fail_task', { ...heldOf(await claimSome(orchestrator())), error: passing });
      clock.advance(15);
      await complete(orchestrator(), await claimSome(orchestrator()));
      expect(await job()).toMatchObject({ status: 'completed', attempts: 2, error: null });
    });
  });

  describe('a lost lease', () => {
    it('returns the task at the next claim, without a tick', async () => {
      const { clock } = orchestrator();
      await startJob();
      const lost = await claimSome(orchestrator(), 'agent-1');
      clock.advance(59);
      expect(await claim(orchestrator(), 'agent-2')).toBeNull();
      clock.advance(1);
      expect(await claimSome(orchestrator(), 'agent-2')).toMatchObject({
        task_id: lost.task_id,
        lease: { generation: 2 },
      });
      expect(await job()).toMatchObject({ status: 'running', attempts: 2, error: { code: 'AGENT_STOPPED' } });
    });

    it('is returned by a claim of other kinds as well', async () => {
      const { call, clock } = orchestrator();
      await startJob();
      const lost = await claimSome(orchestrator());
      clock.advance(60);
      const agent = { agent_id: 'agent-2', host_name: 'host-2', version: '0.1.0' };
      expect((await call('claim_task', { ...agent, kinds: ['recovery'] })).task).toBeNull();
      expect(await taskRow(lost)).toMatchObject({ status: 'pending', lease_owner: null });
    });

    it('fails the job with AGENT_STOPPED when it was the last attempt', async () => {
      const { call, clock } = orchestrator();
      await startJob();
      let task = await claimSome(orchestrator());
      for (let attempt = 2; attempt <= 5; attempt += 1) {
        clock.advance(60);
        task = await claimSome(orchestrator());
      }
      clock.advance(60);
      expect(await call('tick', {})).toMatchObject({ tasks_returned: [], tasks_failed: [task.task_id] });
      expect(await job()).toMatchObject({ status: 'failed', attempts: 5, error: { code: 'AGENT_STOPPED' } });
      expect(await claim(orchestrator())).toBeNull();
    });
  });

  describe('a released task', () => {
    it('waits again at once and the attempt does not count', async () => {
      await startJob();
      for (let round = 1; round <= 7; round += 1) {
        const task = await claimSome(orchestrator());
        expect(task.lease.generation).toBe(round);
        await orchestrator().call('release_task', heldOf(task));
        expect(await job()).toMatchObject({ status: 'pending', attempts: 0, error: null });
      }
    });
  });
});
