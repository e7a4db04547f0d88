import { AsyncLocalStorage } from 'node:async_hooks';

/** Most bytes of log that an answer carries: LogResult of https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. */
const tailBytes = 4096;

/** What one invocation has written to its log so far, as far as an answer may carry it. */
export class InvocationOutput {
  #text = '';

  add(line: string): void {
    // Cut by characters, of which there are never more than bytes, and by bytes only at the end.
    this.#text = (this.#text + line).slice(-tailBytes);
  }

  /** The last 4 KB. */
  tail(): Buffer {
    return Buffer.from(this.#text, 'utf8').subarray(-tailBytes);
  }
}

const current = new AsyncLocalStorage<InvocationOutput>();

/** Runs the work of one invocation, so that `addToInvocation` finds where its log lines belong. */
export function withInvocationOutput<Result>(output: InvocationOutput, work: () => Promise<Result>): Promise<Result> {
  return current.run(output, work);
}

/** Adds a line to the log of the invocation that runs this, if one does. */
export function addToInvocation(line: string): void {
  current.getStore()?.add(line);
}
