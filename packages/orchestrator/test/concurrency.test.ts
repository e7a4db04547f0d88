import type { ResponseOf } from '@enterprise-backup/contracts/actions';
import type { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import { lockSourceSystem } from '@enterprise-backup/schema/statements/lock-source-system';
import { transaction } from '@enterprise-backup/schema/transaction';
import { waitForLockWait } from '@enterprise-backup/test-support/lock-waits';
import { expect, it } from 'vitest';
import { describeOnEachEngine } from './each-engine.ts';
import { callFromProcesses } from './function-process-control.ts';
import type { CallOutcome } from './function-process.ts';
import { registerSource, startOfTests } from './orchestrator-under-test.ts';

type Answer<Name extends keyof typeof orchestratorActions> = ResponseOf<typeof orchestratorActions, Name>;

/** The answers of calls that must all have succeeded. */
const answersOf = <Name extends keyof typeof orchestratorActions>(
  _action: Name,
  outcomes: readonly CallOutcome[],
): Answer<Name>[] =>
  outcomes.flatMap((outcome) => {
    if (!('answers' in outcome)) throw new Error(`a call failed with ${outcome.code}: ${outcome.message}`);
    return outcome.answers as Answer<Name>[];
  });

const claimEvent = (agent: number, lease_seconds = 600) => ({
  action: 'claim_task',
  agent_id: `agent-${agent}`,
  host_name: `host-${agent}`,
  version: '0.1.0',
  kinds: ['backup'],
  lease_seconds,
});

describeOnEachEngine('many at once', (orchestrator, engine) => {
  const startJobs = async (sources: number): Promise<void> => {
    for (let source = 1; source <= sources; source += 1) {
      await registerSource(orchestrator(), `files-${source}`);
      await orchestrator().call('start_backup', { source_system: `files-${source}` });
    }
  };

  it('sixteen agents in four processes get distinct tasks, and all of them', async () => {
    await startJobs(40);
    const { settings, rows } = orchestrator();
    const outcomes = await callFromProcesses(
      [0, 1, 2, 3].map((number) => ({
        settings,
        now: startOfTests,
        untilNoTask: true,
        events: [1, 2, 3, 4].map((agent) => claimEvent(number * 4 + agent)),
      })),
    );
    const claimed = answersOf('claim_task', outcomes).flatMap(({ task }) => (task === null ? [] : [task]));
    expect(claimed).toHaveLength(40);
    expect(new Set(claimed.map(({ task_id }) => task_id)).size).toBe(40);
    const { tasks } = await rows();
    for (const { task_id, lease } of claimed) {
      expect(lease.generation).toBe(1);
      const row = tasks.find((task) => `task-${String(task['id'])}` === task_id);
      expect(row).toMatchObject({ status: 'running', attempts: 1, lease_generation: 1, lease_owner: lease.owner });
    }
  });

  it('sixteen agents get one task of a source that has many', async () => {
    const { call, clock, settings, rows } = orchestrator();
    await registerSource(orchestrator(), 'files-1');
    for (let number = 1; number <= 20; number += 1) {
      await call('create_schedule', {
        job_name: `schedule-${number}`,
        source_system: 'files-1',
        cron_expression: '0 2 * * *',
      });
    }
    clock.set('2026-05-01T02:00:00.000Z');
    expect((await call('tick', {})).jobs_created).toHaveLength(20);
    const outcomes = await callFromProcesses(
      [0, 1, 2, 3].map((number) => ({
        settings,
        now: '2026-05-01T02:00:01.000Z',
        events: [1, 2, 3, 4].map((agent) => claimEvent(number * 4 + agent)),
      })),
    );
    expect(answersOf('claim_task', outcomes).filter(({ task }) => task !== null)).toHaveLength(1);
    expect((await rows()).tasks.filter((task) => task['status'] === 'running')).toHaveLength(1);
  });

  // On SQLite there is one transaction at a time that writes.
  if (engine === 'MariaDB') {
    it('a claim waits for another one of the same source, also of another task', async () => {
      const { call, catalog, clock, settings } = orchestrator();
      await registerSource(orchestrator(), 'files-1');
      for (const job_name of ['first', 'second']) {
        await call('create_schedule', { job_name, source_system: 'files-1', cron_expression: '0 2 * * *' });
      }
      clock.set('2026-05-01T02:00:00.000Z');
      await call('tick', {});
      const other = await connectCatalog(settings);
      try {
        const claim = await transaction(other, async (session) => {
          await lockSourceSystem(session, 'files-1');
          const { id = 0 } = (await session.knex('tasks').max('id as id').first<{ id: number } | undefined>()) ?? {};
          await session
            .knex('tasks')
            .where({ id })
            .update({ status: 'running', lease_expires_at: new Date('2026-05-01T03:00:00.000Z') });
          const claiming = call('claim_task', claimOf(1));
          await waitForLockWait(catalog, claiming);
          return { claiming };
        });
        expect((await claim.claiming).task).toBeNull();
      } finally {
        await other.close();
      }
    });
  }

  it('tasks with ended leases are returned once and taken over once, by claims and ticks at the same time', async () => {
    await startJobs(12);
    const { call, settings, rows } = orchestrator();
    for (let agent = 1; agent <= 12; agent += 1) await call('claim_task', claimOf(agent));
    const outcomes = await callFromProcesses(
      [0, 1, 2].map((number) => ({
        settings,
        now: '2026-05-01T01:00:00.000Z',
        events: [
          ...[1, 2, 3, 4].map((agent) => claimEvent(100 + number * 4 + agent)),
          { action: 'tick' },
          { action: 'tick' },
        ],
      })),
    );
    const taken = outcomes
      .flatMap((outcome) => ('answers' in outcome ? (outcome.answers as Partial<Answer<'claim_task'>>[]) : []))
      .flatMap(({ task }) => (task === undefined || task === null ? [] : [task]));
    expect(outcomes.every((outcome) => 'answers' in outcome)).toBe(true);
    expect(new Set(taken.map(({ task_id }) => task_id)).size).toBe(taken.length);
    expect(taken).toHaveLength(12);
    for (const task of (await rows()).tasks) {
      expect(task).toMatchObject({ status: 'running', lease_generation: 2, attempts: 2 });
    }
  });

  it('twenty ticks in four processes make one job', async () => {
    const { call, settings, rows } = orchestrator();
    await registerSource(orchestrator(), 'files-1');
    await call('create_schedule', { job_name: 'nightly', source_system: 'files-1', cron_expression: '0 2 * * *' });
    const outcomes = await callFromProcesses(
      Array.from({ length: 4 }, () => ({
        settings,
        now: '2026-05-01T02:00:05.000Z',
        events: Array.from({ length: 5 }, () => ({ action: 'tick' })),
      })),
    );
    const answers = answersOf('tick', outcomes);
    expect(answers).toHaveLength(20);
    expect(answers.flatMap(({ jobs_created }) => jobs_created)).toHaveLength(1);
    const { backup_jobs, tasks } = await rows();
    expect(backup_jobs).toHaveLength(1);
    expect(tasks).toHaveLength(1);
  });
});

const claimOf = (agent: number) => ({
  agent_id: `agent-${agent}`,
  host_name: `host-${agent}`,
  version: '0.1.0',
  kinds: ['backup' as const],
});
