import { randomUUID } from 'node:crypto';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { InvocationOutput, withInvocationOutput } from '../invocation-output.ts';
import { ConcurrencyGate, type ConcurrencyLimits } from './concurrency-gate.ts';

/** A function that the endpoint offers. */
export interface LocalFunctionSettings {
  readonly name: string;
  readonly handler: FunctionHandler;
  readonly concurrency?: ConcurrencyLimits;
  /** Milliseconds of a clock that never goes back, for the duration in the log. */
  readonly monotonic: () => number;
}

/** How one run of a function differs from the usual. */
export interface InvocationOptions {
  /** Whether it waits for a place however long the queue is. */
  readonly patient?: boolean;
  /** Id of the first run, when this one repeats it. */
  readonly requestId?: string;
}

/** What one run of a function came to. */
export interface InvocationOutcome {
  readonly requestId: string;
  /** What the function answered, or the error object of a failed run, as JSON. */
  readonly payload: string;
  readonly failed: boolean;
  /** The last 4 KB of the run's log. */
  readonly logTail: Buffer;
}

/**
 * Most bytes of an answer; the service takes 100 more than of a request:
 * https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html, and its own message.
 */
export const largestResponse = 6_291_556;

const defaultConcurrency: ConcurrencyLimits = { running: 32, waiting: 64 };

/** Runs a handler as the Node.js runtime of Lambda does: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html. */
export class LocalFunction {
  readonly name: string;
  readonly #handler: FunctionHandler;
  readonly #gate: ConcurrencyGate;
  readonly #monotonic: () => number;

  constructor(settings: LocalFunctionSettings) {
    this.name = settings.name;
    this.#handler = settings.handler;
    this.#gate = new ConcurrencyGate(settings.concurrency ?? defaultConcurrency);
    this.#monotonic = settings.monotonic;
  }

  /**
   * Runs the function once and never throws what the function throws. Throws ServiceRefusal TooManyRequestsException, unless `patient`.
   */
  invoke(event: unknown, options: InvocationOptions = {}): Promise<InvocationOutcome> {
    const { patient = false, requestId = randomUUID() } = options;
    return this.#gate.run(() => this.#run(event, requestId), patient);
  }

  async #run(event: unknown, requestId: string): Promise<InvocationOutcome> {
    const output = new InvocationOutput();
    const started = this.#monotonic();
    output.add(`START RequestId: ${requestId} Version: $LATEST\n`);
    const { payload, failed } = await withInvocationOutput(output, () => this.#answer(event, requestId));
    const milliseconds = (this.#monotonic() - started).toFixed(2);
    output.add(`END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${milliseconds} ms\n`);
    return { requestId, payload, failed, logTail: output.tail() };
  }

  async #answer(event: unknown, requestId: string): Promise<{ payload: string; failed: boolean }> {
    try {
      const answer: unknown = await this.#handler(event, { awsRequestId: requestId });
      const payload = toJson(answer);
      if (Buffer.byteLength(payload) <= largestResponse) return { payload, failed: false };
      return errorAnswer(
        'Function.ResponseSizeTooLarge',
        `the answer is larger than the ${largestResponse} bytes that it may have`,
      );
    } catch (thrown) {
      if (!(thrown instanceof Error)) return errorAnswer(typeof thrown, String(thrown), []);
      return errorAnswer(thrown.name, thrown.message, (thrown.stack ?? '').split('\n'));
    }
  }
}

/** The runtime answers `null` where a function returns nothing. */
function toJson(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

function errorAnswer(errorType: string, errorMessage: string, trace?: string[]): { payload: string; failed: true } {
  return {
    payload: JSON.stringify({ errorType, errorMessage, ...(trace === undefined ? {} : { trace }) }),
    failed: true,
  };
}
