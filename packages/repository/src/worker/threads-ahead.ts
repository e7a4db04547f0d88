import { Worker } from 'node:worker_threads';

/** What a worker thread is sent: first what its pool was given for its threads, then requests, and that it is to end. */
export type ThreadMessage<Request> =
  | { readonly kind: 'input'; readonly input: unknown }
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'end' };

/** What a worker thread finds in `workerData`. */
export interface WorkerStart {
  /** One Int32: not 0 once the thread is to stop. */
  readonly stop: SharedArrayBuffer;
}

/** A worker thread that loads its module, or has loaded it and waits for its input. */
export interface Thread {
  readonly worker: Worker;
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** What a thread makes and lets go is small or lies outside of the heap: a larger nursery takes memory and saves no time. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };
/** A thread ahead that no pool has taken by then, in milliseconds, is ended: it holds some 10 MiB. */
const longestWait = 10_000;

/** Threads that wait for a pool, by the module that they run. */
const ahead = new Map<string, Thread[]>();

/**
 * Starts a thread for a pool that is yet to come: it takes some 80 ms to load, which it does while the key of a repository is
 * derived and there is nothing else to do. It gets to know nothing before a pool takes it, and keeps no process from ending.
 */
export function startThreadAhead(entry: URL): void {
  const thread = startThread(entry);
  const waiting = ahead.get(entry.href) ?? [];
  ahead.set(entry.href, waiting);
  waiting.push(thread);
  const drop = () => {
    const at = waiting.indexOf(thread);
    if (at < 0) return;
    waiting.splice(at, 1);
    endThread(thread.worker);
  };
  // The pool starts one of its own then, and meets the reason.
  thread.worker.on('error', drop);
  thread.worker.unref();
  setTimeout(drop, longestWait).unref();
}

/** A thread that runs the module `entry`: one that was started ahead, or else a new one. */
export function takeThread(entry: URL): Thread {
  const thread = ahead.get(entry.href)?.shift();
  if (thread === undefined) return startThread(entry);
  thread.worker.ref();
  return thread;
}

/**
 * Has a thread end itself, once it takes messages. Ended from outside within a call of native code, or while it loads some, it
 * would take the whole process down.
 */
export function endThread(worker: Worker): void {
  worker.postMessage({ kind: 'end' } satisfies ThreadMessage<never>);
}

function startThread(entry: URL): Thread {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const start: WorkerStart = { stop: stop.buffer };
  return { worker: new Worker(entry, { workerData: start, resourceLimits }), stop };
}
