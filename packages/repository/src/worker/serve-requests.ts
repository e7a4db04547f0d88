import { parentPort, workerData } from 'node:worker_threads';
import { PlatformError, toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { WorkerMessage, WorkerStart } from './worker-pool.ts';

/** What the pool was given for its threads. */
export function workerInput(): unknown {
  return (workerData as WorkerStart).input;
}

/**
 * Throws CANCELLED once this thread is to stop. Called often, between calls that take long; does nothing in a thread that
 * serves no pool.
 */
export function throwIfStopped(): void {
  const start = workerData as Partial<WorkerStart> | null;
  if (start?.stop !== undefined && Atomics.load(new Int32Array(start.stop), 0) !== 0) {
    throw new PlatformError('CANCELLED', 'the work was stopped before its end');
  }
}

/** Sends a notice from this worker thread, outside of any answer. Memory in `transferred` is handed over, not copied. */
export function sendNotice(notice: unknown, transferred: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage({ kind: 'notice', notice } satisfies WorkerMessage<never, unknown>, [...transferred]);
}

/** Answers requests in a worker thread, one after the other. A failure is sent as such and the thread stays. */
export function serveRequests<Request, Response>(handle: (request: Request) => Promise<Response>): void {
  const port = parentPort;
  if (port === null) throw new PlatformError('INTERNAL', 'this module runs only in a worker thread');
  let previous: Promise<void> = Promise.resolve();
  port.on('message', (request: Request) => {
    previous = previous.then(async () => {
      let message: WorkerMessage<Response, never>;
      try {
        throwIfStopped();
        message = { kind: 'response', response: await handle(request) };
      } catch (error) {
        message = { kind: 'failure', error: toErrorReport(toPlatformError(error)) };
      }
      port.postMessage(message);
    });
  });
  port.postMessage({ kind: 'ready' } satisfies WorkerMessage<never, never>);
}
