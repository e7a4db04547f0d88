import type { ScheduleId } from '@enterprise-backup/contracts/ids';
import { lockJob } from '@enterprise-backup/schema/statements/lock-job';
import { transaction } from '@enterprise-backup/schema/transaction';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeOnEachEngine } from './each-engine.ts';
import { claimSome, complete, heldOf, makePoint, registerSource } from './orchestrator-under-test.ts';

describeOnEachEngine('schedules', (orchestrator) => {
  const nightly = (
    fields: { readonly job_name?: string; readonly enabled?: boolean; readonly time_zone?: string } = {},
  ) =>
    orchestrator().call('create_schedule', {
      job_name: 'nightly',
      source_system: 'files-01',
      cron_expression: '0 2 * * *',
      ...fields,
    });

  const jobs = async () => (await orchestrator().call('list_jobs', {})).jobs;

  it('registers sources and targets, and changes them when they are registered again', async () => {
    const { call, clock } = orchestrator();
    await registerSource({ call }, 'files-02');
    await registerSource({ call }, 'files-01');
    clock.advance(60);
    const { source } = await call('register_source', {
      source_system: 'files-01',
      settings: { kind: 'filesystem', path: '/srv/moved', excludes: ['*.tmp'] },
      repository: { location: '/backup/other', password_secret: 'other' },
    });
    expect(source).toMatchObject({
      settings: { path: '/srv/moved', excludes: ['*.tmp'], allow_empty: false },
      created_at: '2026-05-01T00:00:00.000Z',
    });
    const { sources } = await call('list_sources', {});
    expect(sources.map((each) => [each.source_system, each.settings.path])).toEqual([
      ['files-01', '/srv/moved'],
      ['files-02', '/srv/files-02'],
    ]);
    expect(sources[0]?.repository_id).not.toBe(sources[1]?.repository_id);

    await call('register_target', {
      target_system: 'prod-db-01',
      settings: { kind: 'filesystem', path: '/restore/a' },
    });
    await call('register_target', {
      target_system: 'prod-db-01',
      settings: { kind: 'filesystem', path: '/restore/b' },
    });
    expect((await call('list_targets', {})).targets).toEqual([
      {
        target_system: 'prod-db-01',
        settings: { kind: 'filesystem', path: '/restore/b' },
        created_at: '2026-05-01T00:01:00.000Z',
      },
    ]);
  });

  it('are created, listed, previewed, updated and deleted', async () => {
    const { call } = orchestrator();
    await registerSource({ call }, 'files-01');
    const { schedule } = await nightly({ time_zone: 'Europe/Berlin' });
    expect(schedule).toMatchObject({
      backup_type: 'incremental',
      retention_days: 30,
      enabled: true,
      last_due_at: null,
      next_due_at: '2026-05-02T00:00:00.000Z',
    });
    const { schedule_id } = schedule;
    expect((await call('preview_schedule', { schedule_id, count: 2 })).due_at).toEqual([
      '2026-05-02T00:00:00.000Z',
      '2026-05-03T00:00:00.000Z',
    ]);
    expect((await call('preview_schedule', { cron_expression: '15 4 1 * *', count: 1 })).due_at).toEqual([
      '2026-05-01T04:15:00.000Z',
    ]);
    const updated = await call('update_schedule', { schedule_id, cron_expression: '0 5 * * *', retention_days: 7 });
    expect(updated.schedule).toMatchObject({
      time_zone: 'Europe/Berlin',
      retention_days: 7,
      next_due_at: '2026-05-01T03:00:00.000Z',
    });
    const disabled = await call('update_schedule', { schedule_id, enabled: false });
    expect(disabled.schedule).toMatchObject({ enabled: false, next_due_at: null });
    expect((await call('list_schedules', {})).schedules).toEqual([disabled.schedule]);
    await call('delete_schedule', { schedule_id });
    expect((await call('list_schedules', {})).schedules).toEqual([]);
  });

  it('get one job for each due time, however often the tick comes', async () => {
    const { call, clock, rows } = orchestrator();
    await registerSource({ call }, 'files-01');
    const { schedule } = await nightly();
    expect((await call('tick', {})).jobs_created).toEqual([]);
    clock.set('2026-05-01T02:00:00.000Z');
    const { jobs_created } = await call('tick', {});
    expect(jobs_created).toHaveLength(1);
    const before = await rows();
    expect((await call('tick', {})).jobs_created).toEqual([]);
    expect(await rows()).toEqual(before);
    expect(await jobs()).toMatchObject([
      { backup_id: jobs_created[0], schedule_id: schedule.schedule_id, status: 'pending', attempts: 0, progress: null },
    ]);
    expect((await call('list_schedules', {})).schedules[0]?.last_due_at).toBe('2026-05-01T02:00:00.000Z');
  });

  it('get one job after an outage, for the newest due time, and the others are counted', async () => {
    const { call, clock, output, rows } = orchestrator();
    await registerSource({ call }, 'files-01');
    await nightly();
    clock.set('2026-05-09T12:00:00.000Z');
    await call('tick', {});
    expect((await rows()).backup_jobs).toMatchObject([{ due_at: '2026-05-09T02:00:00.000Z' }]);
    expect(output.published).toContainEqual({ name: 'MissedRuns', unit: 'Count', value: 8 });
    await complete(orchestrator(), await claimSome(orchestrator()));
    clock.set('2026-05-10T02:00:30.000Z');
    await call('tick', {});
    expect(await jobs()).toHaveLength(2);
  });

  describe('while no agent takes up their job', () => {
    /** The nightly job of each due time up to the given day of May, with a tick at each. */
    const ticksUntil = async (day: number) => {
      for (let passed = 1; passed <= day; passed += 1) {
        orchestrator().clock.set(`2026-05-0${passed}T02:00:10.000Z`);
        await orchestrator().call('tick', {});
      }
    };

    it('let it stand for the due times that come meanwhile, and make the next one afterwards', async () => {
      const { call, clock, output } = orchestrator();
      await registerSource({ call }, 'files-01');
      await nightly();
      await ticksUntil(4);
      expect((await orchestrator().rows()).backup_jobs).toMatchObject([{ due_at: '2026-05-01T02:00:00.000Z' }]);
      expect((await call('list_schedules', {})).schedules[0]?.last_due_at).toBe('2026-05-04T02:00:00.000Z');
      expect(output.entries.filter(({ level }) => level === 'warn')).toContainEqual(
        expect.objectContaining({ message: 'due again while its job waits' }),
      );
      expect(output.published.map(({ name }) => name)).not.toContain('MissedRuns');
      expect((await call('tick', {})).overdue).toEqual(['files-01']);
      expect(output.published).toContainEqual({ name: 'TasksWaiting', unit: 'Count', value: 1 });
      expect(output.published).toContainEqual({ name: 'OldestTaskWait', unit: 'Seconds', value: 3 * 86_400 });

      await complete(orchestrator(), await claimSome(orchestrator()));
      expect((await call('status', {})).sources[0]).toMatchObject({ verdict: 'protected', points: 1 });
      clock.advance(3600);
      expect((await call('tick', {})).jobs_created).toEqual([]);
      clock.set('2026-05-05T02:00:00.000Z');
      expect((await call('tick', {})).jobs_created).toHaveLength(1);
    });

    it('make another one when they ask for something else by now', async () => {
      const { call } = orchestrator();
      await registerSource({ call }, 'files-01');
      const { schedule_id } = (await nightly()).schedule;
      await ticksUntil(1);
      await call('update_schedule', { schedule_id, backup_type: 'full' });
      await ticksUntil(3);
      await call('update_schedule', { schedule_id, retention_days: 90 });
      await ticksUntil(5);
      expect(await jobs()).toHaveLength(3);
    });

    it('make another one when its task was ended by hand', async () => {
      const { call, catalog } = orchestrator();
      await registerSource({ call }, 'files-01');
      await nightly();
      await ticksUntil(1);
      await catalog.knex('tasks').update({ status: 'cancelled' });
      await ticksUntil(2);
      expect(await jobs()).toHaveLength(2);
    });

    it('have it begin behind the due times that it stands for, though its claim began before the tick ended', async () => {
      const { call, catalog, clock } = orchestrator();
      await registerSource({ call }, 'files-01');
      await nightly();
      await ticksUntil(1);
      const [job] = (await orchestrator().rows()).backup_jobs;
      let claimed: Promise<unknown> = Promise.resolve();
      // As a tick holds the job while it lets it stand for another due time.
      await transaction(catalog, async (session) => {
        await lockJob(session, Number(job?.['id']));
        claimed = claimSome(orchestrator());
        await pause(200);
        clock.set('2026-05-02T02:00:10.000Z');
      });
      await claimed;
      expect(await jobs()).toMatchObject([{ started_at: '2026-05-02T02:00:10.000Z' }]);
    });

    it('make another one when an agent had begun it, whose snapshot may exist', async () => {
      const { call, clock } = orchestrator();
      await registerSource({ call }, 'files-01');
      await nightly();
      await ticksUntil(1);
      await claimSome(orchestrator());
      clock.set('2026-05-02T01:59:00.000Z');
      expect((await call('tick', {})).tasks_returned).toHaveLength(1);
      clock.set('2026-05-02T02:00:10.000Z');
      expect((await call('tick', {})).jobs_created).toHaveLength(1);
      expect(await jobs()).toMatchObject([{ attempts: 0 }, { attempts: 1, status: 'pending' }]);
    });
  });

  it('take a scheduled event of EventBridge for a tick', async () => {
    const { call, clock, handle } = orchestrator();
    await registerSource({ call }, 'files-01');
    await nightly();
    clock.set('2026-05-01T02:00:10.000Z');
    const event = { version: '0', source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [], detail: {} };
    expect(await handle(event, { awsRequestId: 'event-1' })).toMatchObject({
      jobs_created: [expect.any(String) as unknown],
    });
  });

  it('run nothing of the time in which they were disabled', async () => {
    const { call, clock } = orchestrator();
    await registerSource({ call }, 'files-01');
    const { schedule_id } = (await nightly({ enabled: false })).schedule;
    clock.set('2026-05-04T12:00:00.000Z');
    expect((await call('tick', {})).jobs_created).toEqual([]);
    await call('update_schedule', { schedule_id, enabled: true });
    expect((await call('tick', {})).jobs_created).toEqual([]);
    clock.set('2026-05-05T02:00:00.000Z');
    expect((await call('tick', {})).jobs_created).toHaveLength(1);
  });

  it('lose no backup when they are changed between a due time and its tick', async () => {
    const { call, clock, rows } = orchestrator();
    await registerSource({ call }, 'files-01');
    const { schedule_id } = (await nightly()).schedule;
    clock.set('2026-05-01T02:00:20.000Z');
    await call('update_schedule', { schedule_id, cron_expression: '0 5 * * *', backup_type: 'full' });
    expect((await rows()).backup_jobs).toMatchObject([
      { due_at: '2026-05-01T02:00:00.000Z', backup_type: 'incremental' },
    ]);
    expect((await call('tick', {})).jobs_created).toEqual([]);
  });

  it('hold on to the unique key when last_due_at was set back by hand', async () => {
    const { call, catalog, clock } = orchestrator();
    await registerSource({ call }, 'files-01');
    await nightly();
    clock.set('2026-05-01T02:00:20.000Z');
    await call('tick', {});
    await catalog.knex('backup_schedules').update({ last_due_at: null });
    expect((await call('tick', {})).jobs_created).toEqual([]);
    expect((await call('list_schedules', {})).schedules[0]?.last_due_at).toBe('2026-05-01T02:00:00.000Z');
    expect(await jobs()).toHaveLength(1);
  });

  it('run although another one was written into the table in a form that cannot be read', async () => {
    const { call, catalog, clock, output } = orchestrator();
    await registerSource({ call }, 'files-01');
    await catalog
      .knex('backup_schedules')
      .insert({ job_name: 'broken', source_system: 'files-01', cron_expression: 'nightly please' });
    await nightly();
    clock.set('2026-05-01T02:00:20.000Z');
    expect((await call('tick', {})).jobs_created).toHaveLength(1);
    expect(output.entries).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'schedule cannot be read' }),
    );
    const { schedules } = await call('list_schedules', {});
    const broken = schedules.find((schedule) => schedule.job_name === 'broken');
    expect(broken?.next_due_at).toBeNull();
    const mended = await call('update_schedule', {
      schedule_id: broken?.schedule_id as ScheduleId,
      cron_expression: '0 3 * * *',
    });
    expect(mended.schedule.next_due_at).toBe('2026-05-01T03:00:00.000Z');
  });

  it('take a row that was inserted with the documented columns alone', async () => {
    const { call, catalog, clock } = orchestrator();
    await registerSource({ call }, 'files-01');
    await catalog.knex.raw(
      "insert into backup_schedules (job_name, source_system, cron_expression) values ('by-hand', 'files-01', '0 2 * * *')",
    );
    const { schedules } = await call('list_schedules', {});
    expect(schedules).toMatchObject([
      { retention_days: 30, enabled: true, backup_type: 'incremental', time_zone: 'UTC' },
    ]);
    // Its created_at is the machine's time, so the tick comes a day after that.
    clock.set(new Date(Date.parse(schedules[0]?.created_at ?? '') + 86_400_000).toISOString());
    expect((await call('tick', {})).jobs_created).toHaveLength(1);
  });

  it('leave their jobs when they are deleted', async () => {
    const { call, clock } = orchestrator();
    await registerSource({ call }, 'files-01');
    const { schedule_id } = (await nightly()).schedule;
    clock.set('2026-05-01T02:00:20.000Z');
    await call('tick', {});
    await call('delete_schedule', { schedule_id });
    expect(await jobs()).toMatchObject([{ schedule_id: null, status: 'pending' }]);
    await complete(orchestrator(), await claimSome(orchestrator()));
    expect(await jobs()).toMatchObject([{ status: 'completed' }]);
  });

  it('show in the status how a source is protected, and in the tick what is overdue', async () => {
    const { call, clock, output } = orchestrator();
    const source = async () => (await call('status', {})).sources[0];
    await registerSource({ call }, 'files-01');
    expect(await source()).toMatchObject({ verdict: 'never', points: 0, newest_point: null, next_due_at: null });
    await nightly();
    clock.set('2026-05-01T02:00:10.000Z');
    await call('tick', {});
    const task = await claimSome(orchestrator());
    clock.advance(50);
    await complete(orchestrator(), task);
    expect(await source()).toMatchObject({
      verdict: 'protected',
      points: 1,
      newest_point_at: '2026-05-01T02:01:00.000Z',
      next_due_at: '2026-05-02T02:00:00.000Z',
      last_proven_at: null,
    });

    // The scheduler stands still: what is missing is seen all the same.
    clock.set('2026-05-02T03:00:00.000Z');
    expect(await source()).toMatchObject({ verdict: 'overdue' });
    const { overdue } = await call('tick', {});
    expect(overdue).toEqual(['files-01']);
    expect(output.published).toContainEqual({ name: 'SourcesOverdue', unit: 'Count', value: 1 });

    const failing = await claimSome(orchestrator());
    const error = { code: 'SOURCE_MISSING', message: 'it is gone', hint: 'mount it', retryable: false };
    await call('fail_task', { ...heldOf(failing), error });
    expect(await source()).toMatchObject({
      verdict: 'failing',
      reason: expect.stringContaining('SOURCE_MISSING') as unknown,
    });
    await makePoint(orchestrator(), 'files-01');
    expect(await source()).toMatchObject({ verdict: 'protected', points: 2 });
    expect(await call('status', {})).toMatchObject({
      now: '2026-05-02T03:00:00.000Z',
      jobs: { pending: 0, running: 0, failed_last_day: 1, completed_last_day: 1 },
      tasks: { waiting: 0, running: 0 },
      agents: [{ agent_id: 'agent-1', state: 'ready' }],
    });
  });
});
