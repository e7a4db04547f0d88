import { ServiceRefusal } from './service-error.ts';

/** Bounds of what a function runs at a time. */
export interface ConcurrencyLimits {
  readonly running: number;
  /** Invocations beyond that wait for a place. Those beyond these too are refused. */
  readonly waiting: number;
}

/** Lets through as many invocations at a time as the function may run. */
export class ConcurrencyGate {
  readonly #limits: ConcurrencyLimits;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(limits: ConcurrencyLimits) {
    this.#limits = limits;
  }

  /**
   * Runs `work` when there is a place. With `patient` it waits however many wait before it, as events do; otherwise it
   * throws ServiceRefusal TooManyRequestsException when the queue is full.
   */
  async run<Result>(work: () => Promise<Result>, patient: boolean): Promise<Result> {
    if (this.#running < this.#limits.running) {
      this.#running += 1;
    } else {
      if (!patient && this.#queue.length >= this.#limits.waiting) {
        throw new ServiceRefusal('TooManyRequestsException', 'the function runs as often as it may at a time', {
          headers: { 'Retry-After': '1' },
          reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        });
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      // The place goes to the next one directly, so that nobody who came later takes it.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
