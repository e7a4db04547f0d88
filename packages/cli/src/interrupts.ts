import { interruptStatuses, type InterruptSignal } from './exit-status.ts';

/** What the process hears from outside while a command runs. */
export interface Interrupts {
  /** Aborted by the first signal, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** The exit status that a command ends with which was broken off, or null when no signal came. */
  status(): number | null;
}

/** A terminal and a parent process pass on the same Ctrl-C: two signals this close together are one. */
const sameKeystroke = 500;
const brokenPipeStatus = 141;

/**
 * Listens for Ctrl-C and its like. The first one asks the command to end in order; one more, after a moment, ends the
 * process at once. A reader of `streams` that has gone (EPIPE) and a terminal that was closed (EIO) count as a first one.
 */
export function listenForInterrupts(streams: readonly NodeJS.WriteStream[]): Interrupts {
  const controller = new AbortController();
  let status: number | null = null;
  let heardAt = 0;
  for (const signal of Object.keys(interruptStatuses) as InterruptSignal[]) {
    process.on(signal, () => {
      const now = performance.now();
      if (status === null) {
        status = interruptStatuses[signal];
        heardAt = now;
        controller.abort();
      } else if (now - heardAt > sameKeystroke) process.exit(status);
    });
  }
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      status ??= brokenPipeStatus;
      controller.abort();
    });
  }
  return { signal: controller.signal, status: () => status };
}
