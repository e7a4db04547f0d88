import type { Clock } from '@enterprise-backup/contracts/clock';
import { SingleBar } from 'cli-progress';
import type { StackEvent } from '../deploy/stack-events.ts';
import { formatDuration } from '../format/duration.ts';
import { safeText } from '../format/safe-text.ts';
import type { ProgressSettings } from './progress-display.ts';

/** Shows what happens to a stack: a bar on a terminal, a line for each event into a pipe, an object for each as JSON. */
export interface StackDisplay {
  event(event: StackEvent): void;
  /** Ends the display and gives the line and the cursor back. Safe to repeat. */
  stop(): void;
}

const showCursor = '\u001b[?25h\u001b[?7h';
const barLength = 24;

/** Starts to show an operation that `label` names on `total` resources. Only resources of the stack itself are counted. */
export function startStackDisplay(settings: ProgressSettings, label: string, total: number): StackDisplay {
  switch (settings.mode) {
    case 'bar':
      return startBar(settings.stream, settings.clock, label, total);
    case 'lines':
      return { event: (event) => settings.stream.write(`${eventLine(event)}\n`), stop: () => undefined };
    case 'json':
      return { event: (event) => settings.writeJson({ event }), stop: () => undefined };
    case 'none':
      return { event: () => undefined, stop: () => undefined };
  }
}

/** An event as one line: time of day, state, resource, and the reason when it failed. */
export function eventLine({ at, status, logical_id, type, reason }: StackEvent): string {
  const failed = status.endsWith('_FAILED') && reason !== null ? `: ${safeText(reason)}` : '';
  return `${at.slice(11, 19)}  ${status.padEnd(20)}  ${safeText(logical_id)} (${safeText(type)})${failed}`;
}

/** How far an operation is, in at most `width` columns. */
export function stackLine(label: string, done: number, total: number, newest: string, width: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const full = Math.floor(share * barLength);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(barLength - full)}]`;
  const line = `${label}  ${bar}  ${done} of ${total} resources  ${newest}`;
  return [...line].slice(0, Math.max(0, width)).join('');
}

function startBar(stream: NodeJS.WriteStream, clock: Clock, label: string, total: number): StackDisplay {
  const startedAt = clock.now().getTime();
  const done = new Set<string>();
  let newest = '';
  const bar = new SingleBar({
    format: (_options, { maxWidth }) => {
      const elapsed = formatDuration((clock.now().getTime() - startedAt) / 1000);
      // The last column stays free: some terminals wrap when it is written.
      return stackLine(label, done.size, total, `${elapsed}  ${newest}`, maxWidth - 1);
    },
    stream,
    fps: 4,
    hideCursor: true,
    clearOnComplete: true,
  });
  const restore = (): void => {
    stream.write(showCursor);
  };
  process.once('exit', restore);
  bar.start(1, 0, {});
  return {
    event: ({ logical_id, status }) => {
      newest = safeText(`${logical_id} ${status}`);
      if (status.endsWith('_COMPLETE')) done.add(logical_id);
      bar.update({});
    },
    stop: () => {
      process.off('exit', restore);
      bar.stop();
    },
  };
}
