import { fromErrorReport, PlatformError, type ErrorReport } from '@enterprise-backup/contracts/errors';
import { endThread, takeThread, type Thread, type ThreadMessage } from './threads-ahead.ts';

/** What a worker thread sends: the answer to a request, a failure, or a notice in between. */
export type WorkerMessage<Response, Notice> =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'failure'; readonly error: ErrorReport }
  | { readonly kind: 'notice'; readonly notice: Notice };

interface Member<Request, Response> extends Thread {
  readonly ended: Promise<void>;
  readonly waiting: {
    readonly request: Request;
    resolve(response: Response): void;
    reject(error: PlatformError): void;
  }[];
}

/**
 * Worker threads of one kind. Each answers its requests in the order in which it got them. A thread is started only when
 * all others have work or somebody asks for it, since starting one takes as long as reading a hundred MiB.
 */
export class WorkerPool<Request, Response, Notice> {
  readonly #members: Member<Request, Response>[] = [];
  readonly #entry: URL;
  readonly #input: unknown;
  readonly #size: number;
  readonly #requestsPerWorker: number;
  readonly #wakeups: (() => void)[] = [];
  readonly #onNotice: (notice: Notice) => void;
  #failure: PlatformError | null = null;

  /**
   * `entry` is the module that the threads run, at most `size` of them; `input` is what `workerInput` gives each. A worker
   * has `requestsPerWorker` at a time: by default one in work and one to go on with.
   */
  constructor(entry: URL, input: unknown, size: number, onNotice: (notice: Notice) => void, requestsPerWorker = 2) {
    this.#requestsPerWorker = requestsPerWorker;
    this.#entry = entry;
    this.#input = input;
    this.#size = size;
    this.#onNotice = onNotice;
  }

  /** Resolves when a worker can take a request. Throws the failure of the pool, if it has failed. */
  async capacity(): Promise<void> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#members.length < this.#size) return;
      if (this.#members.some((member) => member.waiting.length < this.#requestsPerWorker)) return;
      await new Promise<void>((resolve) => this.#wakeups.push(resolve));
    }
  }

  /** Starts one more thread, if there may be more, for work that is going to come: it loads meanwhile. */
  startAhead(): void {
    if (this.#failure === null && this.#members.length < this.#size) this.#start();
  }

  /** Hands a request to the worker that has the fewest. Memory in `transferred` is handed over, not copied. */
  run(request: Request, transferred: readonly ArrayBuffer[] = []): Promise<Response> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const [first, ...others] = this.#members;
    const idlest = others.reduce<Member<Request, Response> | undefined>(
      (best, next) => (best === undefined || next.waiting.length < best.waiting.length ? next : best),
      first,
    );
    const isNeeded = idlest === undefined || (idlest.waiting.length > 0 && this.#members.length < this.#size);
    return this.#send(isNeeded ? this.#start() : idlest, request, transferred);
  }

  /** Hands the same request to each worker that was started. */
  runOnEach(request: Request): Promise<Response[]> {
    return Promise.all(this.#members.map((member) => this.#send(member, request)));
  }

  /**
   * Ends all threads, each once it comes to a place where it looks whether it should stop; requests in work are rejected with
   * `reason`.
   */
  async terminate(reason = new PlatformError('CANCELLED', 'the work was stopped')): Promise<void> {
    this.#fail(reason);
    await Promise.all(
      this.#members.map(async ({ worker, stop, ended }) => {
        Atomics.store(stop, 0, 1);
        endThread(worker);
        await ended;
      }),
    );
  }

  #start(): Member<Request, Response> {
    const { worker, stop } = takeThread(this.#entry);
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
    });
    const member: Member<Request, Response> = { worker, stop, ended, waiting: [] };
    worker.on('message', (message: WorkerMessage<Response, Notice>) => {
      this.#receive(member, message);
    });
    worker.on('error', (error) => {
      this.#fail(new PlatformError('INTERNAL', `a worker thread failed: ${String(error)}`, { cause: error }));
    });
    worker.on('exit', () => {
      this.#fail(new PlatformError('INTERNAL', 'a worker thread ended before its work'));
    });
    worker.postMessage({ kind: 'input', input: this.#input } satisfies ThreadMessage<Request>);
    this.#members.push(member);
    return member;
  }

  #send(
    member: Member<Request, Response>,
    request: Request,
    transferred: readonly ArrayBuffer[] = [],
  ): Promise<Response> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      member.waiting.push({ request, resolve, reject });
      const message: ThreadMessage<Request> = { kind: 'request', request };
      member.worker.postMessage(message, [...transferred]);
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
