import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import { migrate } from '@enterprise-backup/schema/migrate';
import { transaction } from '@enterprise-backup/schema/transaction';
import { startMariadbServer } from '@enterprise-backup/test-support/mariadb-server';
import { recordedOutput } from '@enterprise-backup/test-support/recorded-output';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from '../src/create-orchestrator.ts';
import { describeOnEachEngine } from './each-engine.ts';
import { startFunctionProcess } from './function-process-control.ts';
import {
  backupResult,
  claimSome,
  heldOf,
  makePoint,
  registerSource,
  type OrchestratorUnderTest,
} from './orchestrator-under-test.ts';

/** A call that writes several rows: what must stand before it, the event, and what the tables hold when it is done. */
interface CrashedCall {
  prepare(orchestrator: OrchestratorUnderTest): Promise<{ readonly event: object; readonly now: string }>;
  readonly done: object;
}

const failure = { code: 'STORAGE_UNAVAILABLE', message: 'the store is away', hint: 'wait', retryable: true };

const claimedBackup = async (orchestrator: OrchestratorUnderTest) => {
  await registerSource(orchestrator, 'files-01');
  await orchestrator.call('start_backup', { source_system: 'files-01' });
  return heldOf(await claimSome(orchestrator));
};

const crashedCalls: Readonly<Record<string, CrashedCall>> = {
  tick: {
    prepare: async (orchestrator) => {
      await registerSource(orchestrator, 'files-01');
      const schedule = { job_name: 'nightly', source_system: 'files-01', cron_expression: '0 2 * * *' };
      await orchestrator.call('create_schedule', schedule);
      return { event: { action: 'tick' }, now: '2026-05-01T02:00:00.000Z' };
    },
    done: {
      backup_schedules: [{ last_due_at: '2026-05-01T02:00:00.000Z' }],
      backup_jobs: [{ due_at: '2026-05-01T02:00:00.000Z', status: 'pending' }],
      tasks: [{ kind: 'backup', status: 'pending' }],
    },
  },
  claim_task: {
    prepare: async (orchestrator) => {
      await registerSource(orchestrator, 'files-01');
      await orchestrator.call('start_backup', { source_system: 'files-01' });
      const agent = { agent_id: 'agent-1', host_name: 'host-1', version: '0.1.0', kinds: ['backup'] };
      return { event: { action: 'claim_task', ...agent }, now: '2026-05-01T00:00:05.000Z' };
    },
    done: {
      backup_jobs: [{ status: 'running', started_at: '2026-05-01T00:00:05.000Z' }],
      tasks: [{ status: 'running', lease_owner: 'agent-1', lease_generation: 1, attempts: 1 }],
    },
  },
  complete_task: {
    prepare: async (orchestrator) => {
      const held = await claimedBackup(orchestrator);
      return { event: { action: 'complete_task', ...held, result: backupResult() }, now: '2026-05-01T00:00:05.000Z' };
    },
    done: { backup_jobs: [{ status: 'completed' }], recovery_points: [{}], tasks: [{ status: 'completed' }] },
  },
  fail_task: {
    prepare: async (orchestrator) => {
      const held = await claimedBackup(orchestrator);
      return { event: { action: 'fail_task', ...held, error: failure }, now: '2026-05-01T00:00:05.000Z' };
    },
    done: {
      backup_jobs: [{ status: 'pending', error: failure }],
      tasks: [{ status: 'pending', lease_owner: null, not_before: '2026-05-01T00:00:20.000Z' }],
    },
  },
  apply_retention: {
    prepare: async (orchestrator) => {
      await registerSource(orchestrator, 'files-01');
      await makePoint(orchestrator, 'files-01', { retention_days: 1 });
      orchestrator.clock.advance(60);
      await makePoint(orchestrator, 'files-01');
      orchestrator.clock.set('2026-05-10T00:00:00.000Z');
      const { plan } = await orchestrator.call('plan_retention', {});
      return { event: { action: 'apply_retention', plan }, now: '2026-05-10T00:00:00.000Z' };
    },
    done: {
      recovery_points: [{ forgotten_at: '2026-05-10T00:00:00.000Z' }, { forgotten_at: null }],
      tasks: [{ kind: 'backup' }, { kind: 'backup' }, { kind: 'forget', status: 'pending' }],
    },
  },
};

describeOnEachEngine('a crash', (orchestrator, engine) => {
  /** Everything but the agents: an agent's sign of life is kept for itself. */
  const work = async (): Promise<object> => {
    const { agents, ...rows } = await orchestrator().rows();
    return agents.length >= 0 ? rows : {};
  };

  // Which writes are one transaction is the same on both engines: on the second, one call shows that the server undoes it.
  const calls = Object.entries(crashedCalls).filter(([name]) => engine === 'SQLite' || name === 'complete_task');

  describe.each(calls)('of the function during %s', (_, { prepare, done }) => {
    it('leaves all of it or nothing, and a call after it does it', async () => {
      const { settings } = orchestrator();
      const { event, now } = await prepare(orchestrator());
      const before = await work();
      let kills = 0;
      for (let killAfterWrite = 1; ; killAfterWrite += 1) {
        const child = await startFunctionProcess({ settings, now, events: [event], killAfterWrite });
        const end = await child.run();
        if (end.signal === 'SIGKILL') kills += 1;
        else expect(end).toMatchObject({ exitCode: 0, outcomes: [{ answers: [expect.anything()] }] });
        const after = await work();
        if (!isDeepStrictEqual(after, before)) {
          expect(after).toMatchObject(done);
          break;
        }
        expect(end.signal).toBe('SIGKILL');
      }
      expect(kills).toBeGreaterThanOrEqual(2);
    });
  });

  // SQLite's connection is in the process and ends with it.
  if (engine === 'MariaDB') {
    it('of the connection leaves nothing, and the next call does it', async () => {
      const { settings, call, rows } = orchestrator();
      const held = await claimedBackup(orchestrator());
      const before = await rows();
      const other = await connectCatalog(settings);
      try {
        const completion = await transaction(other, async ({ knex }) => {
          await knex('backup_jobs').forUpdate().select('id');
          // It has written the task and waits for the job, which is locked.
          const completing = call('complete_task', { ...held, result: backupResult() }).catch(
            (error: unknown) => error,
          );
          const waiting = async (): Promise<number | undefined> =>
            (
              await knex.raw<{ id: number }[]>(
                "select id from information_schema.processlist where db = database() and info like 'update `backup_jobs`%'",
              )
            )[0]?.id;
          let connection = await waiting();
          while (connection === undefined) {
            await delay(20);
            connection = await waiting();
          }
          await knex.raw(`kill ${connection}`);
          return completing;
        });
        expect(completion).toMatchObject({ code: 'CATALOG_UNAVAILABLE', retryable: true });
        expect(await rows()).toEqual(before);
        await call('complete_task', { ...held, result: backupResult() });
        expect(await rows()).toMatchObject({ backup_jobs: [{ status: 'completed' }], recovery_points: [{}] });
      } finally {
        await other.close();
      }
    });
  }
});

describe.skipIf(!hasTool('mariadbd'))('a database server that ends', () => {
  it('makes calls fail with CATALOG_UNAVAILABLE, whose message holds no secret', async () => {
    const server = await startMariadbServer();
    const settings = await server.createDatabase('backup_metadata');
    const catalog = await connectCatalog({ engine: 'mysql', tls: 'off', ...settings });
    try {
      await migrate(catalog);
      const { log, metrics, entries } = recordedOutput();
      const handle = createOrchestrator({ catalog, clock: setClock('2026-05-01T00:00:00.000Z'), log, metrics });
      await handle({ action: 'status' }, { awsRequestId: 'request-1' });
      await server.stop();
      for (const action of ['status', 'tick', 'list_jobs', 'migrate']) {
        const outcome = await handle({ action }, { awsRequestId: 'request-2' }).catch((error: unknown) => error);
        expect(outcome, action).toMatchObject({ code: 'CATALOG_UNAVAILABLE', retryable: true });
        expect(String(outcome)).not.toContain(settings.password);
      }
      expect(entries.at(-1)).toMatchObject({ level: 'error', attributes: { code: 'CATALOG_UNAVAILABLE' } });
    } finally {
      await catalog.close();
      await server.stop();
    }
  });
});
