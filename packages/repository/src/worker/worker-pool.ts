import { Worker } from 'node:worker_threads';
import { fromErrorReport, PlatformError, type ErrorReport } from '@enterprise-backup/contracts/errors';

/** What a worker thread sends: the answer to a request, a failure, or a notice in between. */
export type WorkerMessage<Response, Notice> =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'failure'; readonly error: ErrorReport }
  | { readonly kind: 'notice'; readonly notice: Notice };

interface Member<Request, Response> {
  readonly worker: Worker;
  readonly waiting: {
    readonly request: Request;
    resolve(response: Response): void;
    reject(error: PlatformError): void;
  }[];
}

/** Requests that a worker may have at a time: one in work and one to go on with. */
const requestsPerWorker = 2;

/** Worker threads of one kind. Each answers its requests in the order in which it got them. */
export class WorkerPool<Request, Response, Notice> {
  readonly #members: Member<Request, Response>[];
  readonly #wakeups: (() => void)[] = [];
  readonly #onNotice: (notice: Notice) => void;
  #failure: PlatformError | null = null;

  /** `entry` is the module that the threads run, `data` what each finds in `workerData`. */
  constructor(entry: URL, data: unknown, size: number, onNotice: (notice: Notice) => void) {
    this.#onNotice = onNotice;
    this.#members = Array.from({ length: size }, () => {
      const member: Member<Request, Response> = { worker: new Worker(entry, { workerData: data }), waiting: [] };
      member.worker.on('message', (message: WorkerMessage<Response, Notice>) => {
        this.#receive(member, message);
      });
      member.worker.on('error', (error) => {
        this.#fail(new PlatformError('INTERNAL', `a worker thread failed: ${String(error)}`, { cause: error }));
      });
      member.worker.on('exit', () => {
        this.#fail(new PlatformError('INTERNAL', 'a worker thread ended before its work'));
      });
      return member;
    });
  }

  /** Resolves when a worker can take a request. Throws the failure of the pool, if it has failed. */
  async capacity(): Promise<void> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#members.some((member) => member.waiting.length < requestsPerWorker)) return;
      await new Promise<void>((resolve) => this.#wakeups.push(resolve));
    }
  }

  /** Hands a request to the worker that has the fewest. */
  run(request: Request): Promise<Response> {
    const [first, ...others] = this.#members;
    if (first === undefined || this.#failure !== null) {
      return Promise.reject(this.#failure ?? new PlatformError('INTERNAL', 'the pool has no workers'));
    }
    const member = others.reduce((best, next) => (next.waiting.length < best.waiting.length ? next : best), first);
    return this.#send(member, request);
  }

  /** Hands the same request to each worker. */
  runOnEach(request: Request): Promise<Response[]> {
    return Promise.all(this.#members.map((member) => this.#send(member, request)));
  }

  /** Ends all threads at once; requests in work are rejected with `reason`. */
  async terminate(reason = new PlatformError('CANCELLED', 'the work was stopped')): Promise<void> {
    this.#fail(reason);
    await Promise.all(this.#members.map((member) => member.worker.terminate()));
  }

  #send(member: Member<Request, Response>, request: Request): Promise<Response> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      member.waiting.push({ request, resolve, reject });
      member.worker.postMessage(request);
    });
  }

  #receive(member: Member<Request, Response>, message: WorkerMessage<Response, Notice>): void {
    if (message.kind === 'notice') {
      this.#onNotice(message.notice);
      return;
    }
    const waiting = member.waiting.shift();
    if (message.kind === 'response') {
      waiting?.resolve(message.response);
    } else {
      const error = fromErrorReport(message.error);
      waiting?.reject(error);
      this.#fail(error);
    }
    for (const wake of this.#wakeups.splice(0)) wake();
  }

  #fail(error: PlatformError): void {
    this.#failure ??= error;
    for (const member of this.#members) {
      for (const waiting of member.waiting.splice(0)) waiting.reject(this.#failure);
    }
    for (const wake of this.#wakeups.splice(0)) wake();
  }
}
