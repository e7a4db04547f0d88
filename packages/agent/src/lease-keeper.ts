import type { ActionCaller } from './action-caller.ts';
import type { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import { PlatformError, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { ClaimedTask } from '@enterprise-backup/contracts/tasks';
import { backoffMilliseconds } from './backoff.ts';
import { errorFields, type Log } from './json-log.ts';
import { pause } from './pause.ts';
import type { AgentSettings } from './settings.ts';

/** What keeping a lease needs. */
export interface LeaseKeeperParts {
  readonly task: ClaimedTask;
  readonly agentId: string;
  readonly orchestrator: ActionCaller<typeof orchestratorActions>;
  readonly settings: () => AgentSettings;
  /** Milliseconds of a clock that never goes back; its zero does not matter. */
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** `monotonic` just before the claim was sent, and the length that it asked for. */
  readonly claimedAt: number;
  readonly claimedSeconds: number;
  /** Called at most once: LEASE_LOST or CANCELLED. */
  readonly onLost: (reason: PlatformError) => void;
}

/** The renewal of one lease, which goes on until `stop`. */
export interface LeaseKeeper {
  /** Takes the newest progress; it is sent with the next report. */
  readonly onProgress: (progress: TaskProgress) => void;
  /** Aborted when the lease has run out by this side's own count. */
  readonly expired: AbortSignal;
  stop(): Promise<void>;
}

const retryBounds = { first_milliseconds: 500, longest_milliseconds: 5000 };
const waiting: TaskProgress = { phase: 'waiting', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null };

/**
 * Reports progress and with it renews the lease, at least every third of its length. The end of the lease is counted
 * from before the request was sent and by this machine's monotonic clock, so it comes never later than the
 * orchestrator's, whatever the two wall clocks show. A tenth of the length before that end the work is told to stop,
 * since after it another agent may hold the task.
 */
export function keepLease(parts: LeaseKeeperParts): LeaseKeeper {
  const { task, monotonic, settings, log } = parts;
  const stopped = new AbortController();
  const expired = new AbortController();
  let progress = waiting;
  let sent: TaskProgress | null = null;
  let renewedAt = parts.claimedAt;
  let seconds = parts.claimedSeconds;
  let told = false;
  let timer = setTimeout(watch, 0);

  const tell = (reason: PlatformError): void => {
    if (told) return;
    told = true;
    parts.onLost(reason);
  };

  function stopAt(): number {
    return renewedAt + seconds * 900;
  }

  function watch(): void {
    const left = stopAt() - monotonic();
    if (left > 0) {
      timer = setTimeout(watch, left);
      return;
    }
    expired.abort();
    tell(new PlatformError('LEASE_LOST', `the lease of ${task.task_id} could not be renewed in time`));
  }

  async function report(): Promise<void> {
    const sentAt = monotonic();
    const leaseSeconds = settings().lease_seconds;
    const reported = progress;
    const { cancel_requested: cancelRequested } = await parts.orchestrator(
      'report_progress',
      {
        task_id: task.task_id,
        agent_id: parts.agentId,
        generation: task.lease.generation,
        progress: reported,
        lease_seconds: leaseSeconds,
      },
      { signal: stopped.signal },
    );
    renewedAt = sentAt;
    seconds = leaseSeconds;
    sent = reported;
    if (cancelRequested) tell(new PlatformError('CANCELLED', 'the work was cancelled on request'));
  }

  async function renew(): Promise<void> {
    for (let failures = 0; !stopped.signal.aborted;) {
      const { progress_seconds: progressSeconds } = settings();
      const beat = Math.min(progressSeconds * 1000, (seconds * 1000) / 3);
      await pause(failures === 0 ? beat : backoffMilliseconds(failures, retryBounds, parts.random()), stopped.signal);
      const due = monotonic() - renewedAt >= (seconds * 1000) / 3 - beat;
      if (stopped.signal.aborted || (progress === sent && !due)) continue;
      try {
        await report();
        failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) return;
        failures += 1;
        const { code } = toPlatformError(error);
        if (code === 'LEASE_LOST' || code === 'TASK_NOT_FOUND') {
          tell(new PlatformError('LEASE_LOST', `the lease of ${task.task_id} was refused`, { cause: error }));
          return;
        }
        if (failures === 1) log.warn('the lease could not be renewed; trying again', errorFields(error));
      }
    }
  }

  const renewal = renew();
  return {
    onProgress: (newest) => {
      progress = newest;
    },
    expired: expired.signal,
    stop: async () => {
      clearTimeout(timer);
      stopped.abort();
      await renewal;
    },
  };
}
