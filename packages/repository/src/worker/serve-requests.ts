import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { PlatformError, toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { ThreadMessage, WorkerStart } from './threads-ahead.ts';
import type { WorkerMessage } from './worker-pool.ts';

/** What this thread was sent and has not taken yet. */
const received = { input: Promise.withResolvers<unknown>(), requests: [] as unknown[] };
let takeRequest: ((request: unknown) => void) | null = null;
let isListening = false;

/** What the pool was given for its threads. A thread that was started ahead waits for it until a pool takes the thread. */
export function workerInput(): Promise<unknown> {
  listen();
  return received.input.promise;
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

/**
 * Answers requests in a worker thread, one after the other. `begin` is called for a request as soon as it has come, while others
 * are in work, and `handle` gets what became of it: what is fetched for a request lies ready then. A failure is sent as such and
 * the thread stays.
 */
export function serveRequests<Request, Response, Begun = undefined>(
  handle: (request: Request, begun: Begun) => Promise<Response>,
  begin: (request: Request) => Begun | Promise<Begun> = () => undefined as Begun,
): void {
  const port = listen();
  let previous: Promise<void> = Promise.resolve();
  takeRequest = (received) => {
    const request = received as Request;
    const beginning = Promise.try(begin, request);
    // A failure surfaces in the turn of the request; unhandled until then, it would end the process.
    beginning.catch(() => undefined);
    previous = previous.then(async () => {
      let message: WorkerMessage<Response, never>;
      try {
        throwIfStopped();
        message = { kind: 'response', response: await handle(request, await beginning) };
      } catch (error) {
        message = { kind: 'failure', error: toErrorReport(toPlatformError(error)) };
      }
      port.postMessage(message);
      // Requests that wait would follow at once: what ends meanwhile, as a pack being stored, would not be seen to end.
      await nextTurn();
    });
  };
  for (const request of received.requests.splice(0)) takeRequest(request);
}

/** Begins to take messages, once: a port that somebody listens to loses what nobody takes. */
function listen(): MessagePort {
  const port = parentPort;
  if (port === null) throw new PlatformError('INTERNAL', 'this module runs only in a worker thread');
  if (isListening) return port;
  isListening = true;
  port.on('message', (message: ThreadMessage<unknown>) => {
    // This ends the thread, not the process.
    if (message.kind === 'end') process.exit();
    else if (message.kind === 'input') received.input.resolve(message.input);
    else if (takeRequest === null) received.requests.push(message.request);
    else takeRequest(message.request);
  });
  return port;
}
