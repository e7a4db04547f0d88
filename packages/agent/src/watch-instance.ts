import type { Agent } from './agent.ts';
import type { InstanceMetadata } from './instance-metadata.ts';
import { instanceOutlook, readInstanceNotices, type InstanceOutlook } from './instance-notices.ts';
import { errorFields, type Log } from './json-log.ts';
import type { LifecycleAction } from './lifecycle-action.ts';
import { pause } from './pause.ts';

/** What the watch over an instance needs. */
export interface InstanceWatchParts {
  readonly metadata: InstanceMetadata;
  readonly agent: Agent;
  readonly lifecycle: LifecycleAction;
  /** Seconds that running work has to finish when Auto Scaling ends the instance. */
  readonly finishSeconds: () => number;
  readonly monotonic: () => number;
  readonly log: Log;
  /** Seconds between two looks. */
  readonly everySeconds: number;
}

/** A watch over the instance that the agent runs on. */
export interface InstanceWatch {
  /**
   * Resolves after the first look while nothing is announced; else when the instance has been let go or the watch was
   * closed: until then the process must live, or nobody tells Auto Scaling.
   */
  released(): Promise<void>;
  /** Ends the watch. */
  close(): void;
}

/** A third of the hook's time in the template, so that two of three may fail. */
const heartbeatMilliseconds = 300_000;

/**
 * Looks every few seconds for what AWS announces about the instance, and has the agent act on it: no new tasks on any
 * notice; running work is given back at once when Spot takes the instance, and after `finishSeconds` when Auto Scaling
 * ends it. As long as the agent works, Auto Scaling is told to wait; when it has drained, the instance is let go.
 */
export function watchInstance(parts: InstanceWatchParts): InstanceWatch {
  const { agent, lifecycle, log, monotonic } = parts;
  const closed = new AbortController();
  const looked = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<undefined>();
  let outlook: InstanceOutlook | null = null;
  let isDrained = false;
  let heldSince: number | null = null;
  let heartbeatAt = 0;
  let failing: string | null = null;
  void agent.finished.finally(() => (isDrained = true));

  async function look(): Promise<boolean> {
    const seen = instanceOutlook(await readInstanceNotices(parts.metadata));
    if (!seen.claims) {
      if (seen.reason !== outlook?.reason) log.warn('the end of the instance is announced', { ...seen });
      outlook = seen;
      agent.retire(seen.reason);
    }
    if (seen.running === 'give_back') agent.drain(seen.reason);
    return seen.isHeld && (await hold());
  }

  /** Returns whether the instance is let go. */
  async function hold(): Promise<boolean> {
    heldSince ??= monotonic();
    if (isDrained) {
      await lifecycle.complete();
      log.info('the instance is let go');
      return true;
    }
    if (monotonic() - heldSince >= parts.finishSeconds() * 1000) agent.drain('the time to finish is over');
    if (monotonic() >= heartbeatAt) {
      await lifecycle.heartbeat();
      heartbeatAt = monotonic() + heartbeatMilliseconds;
    }
    return false;
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      try {
        if (await look()) break;
        if (failing !== null) log.info('the instance can be watched again');
        failing = null;
      } catch (error) {
        const fields = errorFields(error);
        const text = JSON.stringify(fields);
        if (text !== failing) log.warn('the instance cannot be watched; trying again', fields);
        failing = text;
      }
      looked.resolve(undefined);
      await pause(parts.everySeconds * 1000, closed.signal);
    }
    looked.resolve(undefined);
    ended.resolve(undefined);
  }

  void run();
  return {
    released: async () => {
      await looked.promise;
      if (outlook !== null) await ended.promise;
    },
    close: () => {
      closed.abort();
    },
  };
}
