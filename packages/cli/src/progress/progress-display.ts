import type { Clock } from '@enterprise-backup/contracts/clock';
import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { SingleBar } from 'cli-progress';
import { barLine } from './bar-line.ts';
import { progressWords } from './progress-words.ts';

/** Shows how far one piece of work is. */
export interface ProgressDisplay {
  /** Takes the newest figures. May be called as often as they change: drawing is limited here. */
  update(progress: ProgressView): void;
  /** Ends the display and gives the line and the cursor back. Safe to repeat. */
  stop(): void;
}

/** How progress is shown: a bar on a terminal, plain lines into a pipe or a file, one JSON object a line, or not at all. */
export type ProgressMode = 'bar' | 'lines' | 'json' | 'none';

export interface ProgressSettings {
  readonly mode: ProgressMode;
  /** Where bars and plain lines go. */
  readonly stream: NodeJS.WriteStream;
  /** Takes the JSON objects. */
  readonly writeJson: (value: unknown) => void;
  readonly clock: Clock;
}

const redrawsPerSecond = 10;
const secondsBetweenLines = 5;
const secondsBetweenObjects = 1;
const showCursor = '\u001b[?25h\u001b[?7h';

/** Starts to show the progress of the work that `label` names. */
export function startProgress(settings: ProgressSettings, label: string): ProgressDisplay {
  switch (settings.mode) {
    case 'bar':
      return startBar(settings.stream, label);
    case 'lines':
      return startSpacedWrites(settings.clock, secondsBetweenLines, (progress) => {
        settings.stream.write(`${label}: ${progressWords(progress)}\n`);
      });
    case 'json':
      return startSpacedWrites(settings.clock, secondsBetweenObjects, (progress) => {
        settings.writeJson({ progress: { step: label, ...progress } });
      });
    case 'none':
      return { update: () => undefined, stop: () => undefined };
  }
}

function startBar(stream: NodeJS.WriteStream, label: string): ProgressDisplay {
  let newest: ProgressView | null = null;
  const bar = new SingleBar({
    // The last column stays free: some terminals wrap when it is written.
    format: (_options, { maxWidth }) => (newest === null ? label : barLine(label, newest, maxWidth - 1)),
    stream,
    fps: redrawsPerSecond,
    hideCursor: true,
    clearOnComplete: true,
  });
  // Also when the process ends in the middle of the work, the terminal gets its cursor and its line wrapping back.
  const restore = (): void => {
    stream.write(showCursor);
  };
  process.once('exit', restore);
  bar.start(1, 0, {});
  return {
    update: (progress) => {
      newest = progress;
      bar.update({});
    },
    stop: () => {
      process.off('exit', restore);
      bar.stop();
    },
  };
}

/** Passes on one progress in each period, the first at the end of one: short work needs no line. */
function startSpacedWrites(clock: Clock, seconds: number, write: (progress: ProgressView) => void): ProgressDisplay {
  let dueAt = clock.now().getTime() + seconds * 1000;
  return {
    update: (progress) => {
      const now = clock.now().getTime();
      if (now < dueAt) return;
      dueAt = now + seconds * 1000;
      write(progress);
    },
    stop: () => undefined,
  };
}
