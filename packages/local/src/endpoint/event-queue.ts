import { randomUUID } from 'node:crypto';
import { pause } from '@enterprise-backup/agent/pause';
import type { Log } from '@enterprise-backup/agent/json-log';
import type { LocalFunction } from './local-function.ts';

/**
 * Seconds before the second and the third run of an event whose run failed:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html.
 */
export const eventRetrySeconds: readonly number[] = [60, 120];

/** Runs events after their sender has been answered. */
export class EventQueue {
  readonly #retrySeconds: readonly number[];
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #open = new Set<Promise<void>>();

  constructor(log: Log, retrySeconds = eventRetrySeconds) {
    this.#log = log;
    this.#retrySeconds = retrySeconds;
  }

  /** Takes an event and returns the id of its runs. The event is lost with the process: senders repeat what matters. */
  add(target: LocalFunction, event: unknown): string {
    const requestId = randomUUID();
    const work = this.#work(target, event, requestId).finally(() => this.#open.delete(work));
    this.#open.add(work);
    return requestId;
  }

  /** Lets running functions end, and drops what waits for its next run. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#open);
  }

  async #work(target: LocalFunction, event: unknown, requestId: string): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const { failed, payload } = await target.invoke(event, { patient: true, requestId });
      if (!failed) return;
      const seconds = this.#retrySeconds[attempt];
      const fields = {
        function: target.name,
        request_id: requestId,
        attempt: attempt + 1,
        answer: payload.slice(0, 2000),
      };
      if (seconds === undefined) {
        this.#log.error('an event failed for the last time and is dropped', fields);
        return;
      }
      this.#log.warn('an event failed and will be run again', { ...fields, wait_seconds: seconds });
      await pause(seconds * 1000, this.#stopped.signal);
      if (this.#stopped.signal.aborted) {
        this.#log.warn('an event that waited for its next run is dropped, the platform stops', fields);
        return;
      }
    }
  }
}
