import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import { PlatformError, toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { ClaimedTask, TaskResult } from '@enterprise-backup/contracts/tasks';
import type { AgentParts } from './agent.ts';
import { errorFields, type Log } from './json-log.ts';
import { keepLease } from './lease-keeper.ts';
import { persistently } from './persistently.ts';

/** A task that this agent has claimed. */
export interface Claim {
  readonly task: ClaimedTask;
  /** `monotonic` just before the claim was sent, and the lease's length that it asked for. */
  readonly claimedAt: number;
  readonly claimedSeconds: number;
}

/** Signals that reach every task of an agent. */
export interface AttemptSignals {
  /** The agent ends: work is stopped and given back. */
  readonly drain: AbortSignal;
  /** The agent has no more time: what is unsaid stays unsaid. */
  readonly hurry: AbortSignal;
}

/**
 * Work that is stopped may wait for an answer of a storage that never comes. When the agent ends, the task is given back
 * without it after so long: what it still writes is what a killed agent may leave, and its process ends soon.
 */
const stopMilliseconds = 10_000;

/**
 * Works on one task until its end is reported: with its result, with its error, or given back because the agent ends.
 * After the loss of the lease nothing is reported, since nothing would be taken. Never throws.
 */
export async function attemptTask(claim: Claim, parts: AgentParts, signals: AttemptSignals): Promise<void> {
  const { task } = claim;
  const log = parts.log.with({ task_id: task.task_id, kind: task.specification.kind });
  const held = { task_id: task.task_id, agent_id: parts.agentId, generation: task.lease.generation };
  const work = new AbortController();
  const overdue = Promise.withResolvers<never>();
  let overdueTimer: NodeJS.Timeout | undefined;
  const onDrain = (): void => {
    const stopped = new PlatformError('AGENT_STOPPED', 'the agent was told to stop');
    work.abort(stopped);
    overdueTimer = setTimeout(() => {
      overdue.reject(stopped);
    }, stopMilliseconds);
  };
  signals.drain.addEventListener('abort', onDrain);
  if (signals.drain.aborted) onDrain();
  const lease = keepLease({
    ...claim,
    ...parts,
    settings: () => parts.settings.current(),
    log,
    onLost: (reason) => {
      work.abort(reason);
    },
  });
  const lastWord = AbortSignal.any([signals.hurry, lease.expired]);
  log.info('the work starts', { generation: task.lease.generation });
  try {
    work.signal.throwIfAborted();
    const working = parts.runTask(task.specification, {
      clock: parts.clock,
      secrets: parts.secrets,
      log,
      limits: parts.limits(),
      isRetry: task.lease.generation > 1,
      onProgress: lease.onProgress,
      signal: work.signal,
    });
    await complete(await Promise.race([working, overdue.promise]));
  } catch (error) {
    await reportEnd(toPlatformError(work.signal.aborted ? work.signal.reason : error), error);
  } finally {
    signals.drain.removeEventListener('abort', onDrain);
    clearTimeout(overdueTimer);
    await lease.stop();
  }

  /** The result is worth more than the lease: it is offered until an answer comes, and a lost lease is an answer. */
  async function complete(result: TaskResult): Promise<void> {
    try {
      await saying('complete_task', signals.hurry, () => parts.orchestrator('complete_task', { ...held, result }));
      log.info('the work is completed');
    } catch (error) {
      const refusal = toPlatformError(error);
      if (refusal.code === 'LEASE_LOST' || refusal.code === 'TASK_NOT_FOUND') {
        log.warn('the result was refused, another agent holds the task or it has ended', errorFields(error));
      } else if (refusal.kind === 'unavailable') {
        log.error('the result could not be reported before the agent had to end', errorFields(error));
      } else {
        await fail(toErrorReport(refusal));
      }
    }
  }

  async function reportEnd(reason: PlatformError, thrown: unknown): Promise<void> {
    if (reason.code === 'LEASE_LOST') {
      log.warn('the work was stopped, its lease is lost', errorFields(reason));
    } else if (reason.code === 'AGENT_STOPPED') {
      await said('release_task', log, () => parts.orchestrator('release_task', held));
      log.info('the work was stopped and given back');
    } else {
      log.error('the work failed', errorFields(reason.code === 'CANCELLED' ? reason : thrown));
      await fail(toErrorReport(reason));
    }
  }

  async function fail(error: ErrorReport): Promise<void> {
    await said('fail_task', log, () => parts.orchestrator('fail_task', { ...held, error }));
  }

  async function said(what: string, toLog: Log, call: () => Promise<unknown>): Promise<void> {
    try {
      await saying(what, lastWord, call);
    } catch (error) {
      toLog.warn('the end of the work could not be reported; the task returns when its lease ends', {
        what,
        ...errorFields(error),
      });
    }
  }

  function saying(what: string, until: AbortSignal, call: () => Promise<unknown>): Promise<unknown> {
    return persistently(call, { what, until, random: parts.random, log });
  }
}
