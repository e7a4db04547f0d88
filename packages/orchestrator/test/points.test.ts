import type { BackupId } from '@enterprise-backup/contracts/ids';
import { describe, expect, it } from 'vitest';
import { describeOnEachEngine } from './each-engine.ts';
import { claim, claimSome, complete, heldOf, makePoint, registerSource } from './orchestrator-under-test.ts';

describeOnEachEngine('jobs and points', (orchestrator) => {
  /** Three points of one source, taken at the first, fourth and eighth of May and kept for five days each. */
  const threePoints = async (source = 'files-01', repository = 'main') => {
    await registerSource(orchestrator(), source, repository);
    const points = [];
    for (const day of ['01', '04', '08']) {
      orchestrator().clock.set(`2026-05-${day}T10:00:00.000Z`);
      points.push(await makePoint(orchestrator(), source, { retention_days: 5 }));
    }
    return points;
  };
  const plan = async () => (await orchestrator().call('plan_retention', {})).plan;

  describe('a backup that is started by hand', () => {
    it('is one at a time for each source', async () => {
      const { call, rows } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      await registerSource(orchestrator(), 'files-02');
      const { job } = await call('start_backup', { source_system: 'files-01' });
      const before = await rows();
      await expect(call('start_backup', { source_system: 'files-01' })).rejects.toMatchObject({
        code: 'JOB_ALREADY_ACTIVE',
        message: expect.stringContaining(`${job.backup_id} of files-01 is pending`) as unknown,
      });
      expect(await rows()).toEqual(before);
      await call('start_backup', { source_system: 'files-02' });
      const task = await claimSome(orchestrator());
      await expect(call('start_backup', { source_system: 'files-01' })).rejects.toMatchObject({
        message: expect.stringContaining(`${job.backup_id} of files-01 is running`) as unknown,
      });
      await complete(orchestrator(), task);
      await call('start_backup', { source_system: 'files-01' });
    });

    it('is the same job for the same request_id, also after it ended', async () => {
      const { call, rows } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      const request = { source_system: 'files-01', request_id: 'nightly-7' };
      const { job } = await call('start_backup', request);
      expect((await call('start_backup', request)).job).toEqual(job);
      await complete(orchestrator(), await claimSome(orchestrator()));
      expect((await call('start_backup', request)).job).toMatchObject({
        backup_id: job.backup_id,
        status: 'completed',
      });
      const before = await rows();
      await expect(call('start_backup', { ...request, backup_type: 'full' })).rejects.toMatchObject({
        code: 'REQUEST_ID_REUSED',
      });
      expect(await rows()).toEqual(before);
    });

    it('is the same job for a repeated invocation without a request_id', async () => {
      const { call } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      const { job } = await call('start_backup', { source_system: 'files-01' }, 'invocation-1');
      expect((await call('start_backup', { source_system: 'files-01' }, 'invocation-1')).job).toEqual(job);
      await expect(call('start_backup', { source_system: 'files-01' }, 'invocation-2')).rejects.toMatchObject({
        code: 'JOB_ALREADY_ACTIVE',
      });
    });

    it('is one of twenty that are asked for at the same time', async () => {
      const { call } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      const calls = Array.from({ length: 20 }, () => call('start_backup', { source_system: 'files-01' }));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await call('list_jobs', {})).jobs).toHaveLength(1);
    });

    it('is made once by twenty calls with one request_id at the same time', async () => {
      const { call } = orchestrator();
      await registerSource(orchestrator(), 'files-01');
      const calls = Array.from({ length: 20 }, () =>
        call('start_backup', { source_system: 'files-01', request_id: 'r' }),
      );
      const ids = new Set((await Promise.all(calls)).map(({ job }) => job.backup_id));
      expect(ids.size).toBe(1);
      const more = Array.from({ length: 10 }, () => call('start_backup', { source_system: 'files-01' }));
      for (const outcome of await Promise.allSettled(more)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'JOB_ALREADY_ACTIVE' } });
      }
      expect((await call('list_jobs', {})).jobs).toHaveLength(1);
    });
  });

  it('are listed newest first, by source and status, up to the limit', async () => {
    const { call } = orchestrator();
    await threePoints();
    await registerSource(orchestrator(), 'files-02');
    await call('start_backup', { source_system: 'files-02', job_name: 'by-hand' });
    const names = async (request: Parameters<typeof call<'list_jobs'>>[1]) =>
      (await call('list_jobs', request)).jobs.map((job) => `${job.job_name} ${job.status}`);
    expect(await names({ limit: 2 })).toEqual(['by-hand pending', 'files-01 completed']);
    expect(await names({ source_system: 'files-02' })).toEqual(['by-hand pending']);
    expect(await names({ status: 'completed' })).toHaveLength(3);
    expect(await names({ status: 'failed' })).toEqual([]);
    const { points } = await call('list_points', { source_system: 'files-01', limit: 2 });
    expect(points.map((point) => point.created_at)).toEqual(['2026-05-08T10:00:00.000Z', '2026-05-04T10:00:00.000Z']);
    expect((await call('list_points', { source_system: 'files-02' })).points).toEqual([]);
  });

  describe('retention', () => {
    it('plans, prints its reasons, removes what the plan names, and makes the task that removes the snapshots', async () => {
      const { call, clock, rows } = orchestrator();
      const [first, second, third] = await threePoints();
      clock.set('2026-05-10T00:00:00.000Z');
      const before = await rows();
      const made = await plan();
      expect(made.decisions.map(({ backup_id, keep, reason }) => [backup_id, keep, reason])).toEqual([
        [first?.backup_id, false, 'its 5 days ended at 2026-05-06T10:00:00.000Z'],
        [second?.backup_id, false, 'its 5 days ended at 2026-05-09T10:00:00.000Z'],
        [third?.backup_id, true, 'it is the newest point of files-01'],
      ]);
      expect(await rows()).toEqual(before);

      const { removed, task_ids } = await call('apply_retention', { plan: made });
      expect(removed).toEqual([first?.backup_id, second?.backup_id]);
      expect((await call('list_points', {})).points.map((point) => point.backup_id)).toEqual([third?.backup_id]);
      const task = await claimSome(orchestrator());
      expect(task).toMatchObject({
        task_id: task_ids[0],
        specification: {
          kind: 'forget',
          repository: { location: '/backup/main', password_secret: 'main-password' },
          snapshot_ids: [first?.snapshot_id, second?.snapshot_id],
        },
      });
      if (task.specification.kind !== 'forget') throw new Error('a forget task was made');
      const { snapshot_ids } = task.specification;
      await call('complete_task', { ...heldOf(task), result: { kind: 'forget', snapshot_ids } });
      expect(await claim(orchestrator())).toBeNull();
      expect((await plan()).decisions).toHaveLength(1);
    });

    it('makes one task for each repository', async () => {
      const { call, clock } = orchestrator();
      await threePoints('files-01', 'main');
      await threePoints('files-02', 'second');
      clock.set('2026-05-10T00:00:00.000Z');
      const { removed, task_ids } = await call('apply_retention', { plan: await plan() });
      expect(removed).toHaveLength(4);
      expect(task_ids).toHaveLength(2);
      const own = await call('plan_retention', { source_system: 'files-02' });
      expect(own.plan).toMatchObject({
        source_system: 'files-02',
        decisions: [{ source_system: 'files-02', keep: true }],
      });
    });

    it('removes nothing by a plan that removes nothing', async () => {
      const { call, clock, rows } = orchestrator();
      await threePoints();
      clock.set('2026-05-05T00:00:00.000Z');
      const before = await rows();
      expect(await call('apply_retention', { plan: await plan() })).toEqual({ removed: [], task_ids: [] });
      expect(await rows()).toEqual(before);
    });

    it('keeps a forget task going for a day while the store is away', async () => {
      const { call, clock } = orchestrator();
      await threePoints();
      clock.set('2026-05-10T00:00:00.000Z');
      await call('apply_retention', { plan: await plan() });
      const error = { code: 'STORAGE_UNAVAILABLE', message: 'away', hint: 'wait', retryable: true };
      for (let attempt = 1; attempt <= 90; attempt += 1) {
        const task = await claimSome(orchestrator());
        expect((await call('fail_task', { ...heldOf(task), error })).will_retry).toBe(true);
        clock.advance(900);
      }
    });

    /** What happens between a plan and its application. */
    const events = {
      'a point was held': (id: BackupId) => orchestrator().call('hold_point', { backup_id: id, reason: 'audit' }),
      'a point was removed by another plan': async () => {
        await orchestrator().call('apply_retention', { plan: await plan() });
      },
      'newer points are gone, so that one is the newest now': async (id: BackupId) => {
        const named = Number(id.slice('backup-'.length));
        await orchestrator().catalog.knex('recovery_points').where('job_id', '>', named).delete();
      },
      'the clock was put back before the end of the days': async () => {
        orchestrator().clock.set('2026-05-05T00:00:00.000Z');
      },
    };

    it.each(Object.entries(events))('is refused as stale when %s', async (_, happen) => {
      const { call, clock, rows } = orchestrator();
      const [, second] = await threePoints();
      clock.set('2026-05-10T00:00:00.000Z');
      const made = await plan();
      await happen(second?.backup_id as BackupId);
      const before = await rows();
      await expect(call('apply_retention', { plan: made })).rejects.toMatchObject({ code: 'PLAN_STALE' });
      expect(await rows()).toEqual(before);
    });

    it('does not believe a plan that was written by hand', async () => {
      const { call, rows } = orchestrator();
      await threePoints();
      const made = await plan();
      const before = await rows();
      const forged = { ...made, decisions: made.decisions.map((decision) => ({ ...decision, keep: false })) };
      await expect(call('apply_retention', { plan: forged })).rejects.toMatchObject({ code: 'PLAN_STALE' });
      orchestrator().clock.set('2026-05-10T00:00:00.000Z');
      const doubled = await plan();
      const twice = { ...doubled, decisions: [...doubled.decisions, ...doubled.decisions] };
      await expect(call('apply_retention', { plan: twice })).rejects.toMatchObject({ code: 'PLAN_STALE' });
      const [first] = doubled.decisions;
      if (first === undefined) throw new Error('the plan names points');
      const swapped = { ...doubled, decisions: [{ ...first, snapshot_id: 'f'.repeat(64) as never }] };
      await expect(call('apply_retention', { plan: swapped })).rejects.toMatchObject({ code: 'PLAN_STALE' });
      expect(await rows()).toEqual(before);
    });

    it('is applied once by ten calls at the same time', async () => {
      const { call, clock, rows } = orchestrator();
      await threePoints();
      clock.set('2026-05-10T00:00:00.000Z');
      const made = await plan();
      const calls = Array.from({ length: 10 }, () => call('apply_retention', { plan: made }));
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'PLAN_STALE' });
      }
      expect((await rows()).tasks.filter((task) => task['kind'] === 'forget')).toHaveLength(1);
    });
  });

  describe('a hold', () => {
    it('keeps a point until it is released', async () => {
      const { call, clock } = orchestrator();
      const [first] = await threePoints();
      const backup_id = first?.backup_id as BackupId;
      clock.set('2026-06-10T00:00:00.000Z');
      expect((await call('hold_point', { backup_id, reason: 'audit' })).point.hold_reason).toBe('audit');
      expect((await call('hold_point', { backup_id, reason: 'court' })).point.hold_reason).toBe('court');
      expect((await plan()).decisions[0]).toMatchObject({ keep: true, reason: 'it is held: court' });
      expect((await call('release_point', { backup_id })).point.hold_reason).toBeNull();
      expect((await call('release_point', { backup_id })).point.hold_reason).toBeNull();
      expect((await plan()).decisions[0]).toMatchObject({ keep: false });
    });

    it('is refused for a point that retention has removed', async () => {
      const { call, clock, rows } = orchestrator();
      const [first] = await threePoints();
      clock.set('2026-05-10T00:00:00.000Z');
      await call('apply_retention', { plan: await plan() });
      const before = await rows();
      const request = { backup_id: first?.backup_id as BackupId, reason: 'too late' };
      await expect(call('hold_point', request)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
      expect(await rows()).toEqual(before);
    });
  });
});
