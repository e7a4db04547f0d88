import type { TaskKind } from '@enterprise-backup/contracts/catalog';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { SharedLimits } from '@enterprise-backup/repository/transfer-limits';
import type { ActionCaller } from './action-caller.ts';
import { attemptTask, type Claim } from './attempt-task.ts';
import { backoffMilliseconds } from './backoff.ts';
import { errorFields, type Log } from './json-log.ts';
import { pause } from './pause.ts';
import type { TaskRunner } from './run-task.ts';
import type { Secrets } from './secrets.ts';
import type { SettingsSource } from './settings-file.ts';

/** What an agent is made of. */
export interface AgentParts {
  readonly agentId: string;
  readonly hostName: string;
  readonly version: string;
  readonly kinds: readonly TaskKind[];
  readonly orchestrator: ActionCaller<typeof orchestratorActions>;
  readonly runTask: TaskRunner;
  readonly settings: SettingsSource;
  /** What all its tasks together may transfer from now on; null for no limit. */
  readonly limits: () => SharedLimits | null;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Milliseconds of a clock that never goes back; its zero does not matter. */
  readonly monotonic: () => number;
  /** 0 to 1, for the jitter of waits. */
  readonly random: () => number;
  readonly log: Log;
}

/** A working agent. */
export interface Agent {
  /** Takes nothing new; what runs may finish. It drains when that has ended. Safe to repeat. */
  retire(reason: string): void;
  /** Takes nothing new, stops what runs and gives it back. Safe to repeat. */
  drain(reason: string): void;
  /** Tells that every running task failed with `error`, as far as it is quick. For a process that is about to end. */
  abandon(error: unknown): Promise<void>;
  /** Resolves when the agent has drained. */
  readonly finished: Promise<void>;
}

const claimRetryBounds = { first_milliseconds: 500, longest_milliseconds: 30_000 };
const lastReportsMilliseconds = 10_000;

/** Starts an agent: it claims a task, works on it, reports, and so on until it is drained. */
export function startAgent(parts: AgentParts): Agent {
  const { log, settings } = parts;
  const retired = new AbortController();
  const drain = new AbortController();
  const hurry = new AbortController();
  const claims = new Map<Claim, Promise<void>>();

  async function claim(state: 'ready' | 'draining'): Promise<Claim | null> {
    const claimedAt = parts.monotonic();
    const claimedSeconds = settings.current().lease_seconds;
    const { task } = await parts.orchestrator(
      'claim_task',
      {
        agent_id: parts.agentId,
        host_name: parts.hostName,
        version: parts.version,
        kinds: [...parts.kinds],
        lease_seconds: claimedSeconds,
        state,
      },
      // The end does not give up a claim under way: it may already have been granted, and is then given back.
      { signal: hurry.signal },
    );
    return task === null ? null : { task, claimedAt, claimedSeconds };
  }

  function work(taken: Claim): void {
    const { signal } = retired.signal.aborted ? retired : drain;
    const attempt = attemptTask(taken, parts, { drain: signal, hurry: hurry.signal }).finally(() => {
      claims.delete(taken);
    });
    claims.set(taken, attempt);
  }

  async function run(): Promise<void> {
    log.info('the agent is ready', { kinds: parts.kinds, settings: settings.current() });
    for (let failures = 0; !retired.signal.aborted;) {
      if (claims.size >= settings.current().workers) {
        await Promise.race(claims.values());
        continue;
      }
      try {
        const taken = await claim('ready');
        if (failures > 0) log.info('the orchestrator answers again', { failures });
        failures = 0;
        if (taken !== null) work(taken);
        else await pause(settings.current().poll_seconds * 1000 * (0.8 + 0.4 * parts.random()), retired.signal);
      } catch (error) {
        failures += 1;
        if (failures === 1) log.warn('no task could be claimed; trying again', errorFields(error));
        await pause(backoffMilliseconds(failures, claimRetryBounds, parts.random()), retired.signal);
      }
    }
    await Promise.all(claims.values());
    await claim('draining').catch((error: unknown) => {
      log.warn('the orchestrator could not be told that the agent ends', errorFields(error));
    });
    settings.close();
    log.info('the agent has drained');
  }

  return {
    retire: (reason) => {
      if (retired.signal.aborted) return;
      log.info('the agent takes nothing new', { reason, running: claims.size });
      retired.abort();
    },
    drain: (reason) => {
      if (drain.signal.aborted) return;
      log.info('the agent drains', { reason, running: claims.size });
      retired.abort();
      drain.abort();
      setTimeout(() => {
        hurry.abort();
      }, lastReportsMilliseconds).unref();
    },
    abandon: async (thrown) => {
      const error = toErrorReport(toPlatformError(thrown));
      await Promise.allSettled(
        [...claims.keys()].map(({ task }) =>
          parts.orchestrator('fail_task', {
            task_id: task.task_id,
            agent_id: parts.agentId,
            generation: task.lease.generation,
            error,
          }),
        ),
      );
    },
    finished: run(),
  };
}
