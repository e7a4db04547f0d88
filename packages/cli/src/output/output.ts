import type { Clock } from '@enterprise-backup/contracts/clock';
import { startProgress, type ProgressDisplay, type ProgressMode } from '../progress/progress-display.ts';
import { startStackDisplay, type StackDisplay } from '../progress/stack-display.ts';
import { drawTable, type TableContent } from './table.ts';
import { paint, type Tone } from './tone.ts';

/**
 * What a command writes. Persons read lines, tables and progress; with --json a program reads one JSON object on each line
 * and nothing else. Each method serves one of the two and does nothing for the other.
 */
export interface Output {
  readonly json: boolean;
  /** Columns of the terminal, or null where lines may be of any length. */
  width(): number | null;
  /** Writes a line, or several, for persons. Text from outside must have gone through safeText. */
  line(text?: string): void;
  /** Writes a table for persons. Cells are made safe here. */
  table(content: TableContent): void;
  /** Writes a JSON object for programs. */
  object(value: object): void;
  /** Colours text where the terminal takes it. */
  paint(tone: Tone, text: string): string;
  /** Shows the progress of the work that `label` names. */
  progress(label: string): ProgressDisplay;
  /** Shows what happens to the `total` resources of a stack while the operation that `label` names runs. */
  stack(label: string, total: number): StackDisplay;
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Output to the streams of the process. A bar is drawn only where both are terminals, so that nothing cuts into it. */
export function createOutput(
  streams: OutputStreams,
  settings: { readonly json: boolean; readonly clock: Clock },
): Output {
  const { stdout, stderr } = streams;
  const { json, clock } = settings;
  const writeJson = (value: unknown): void => {
    stdout.write(`${JSON.stringify(value)}\n`);
  };
  const mode: ProgressMode = json ? 'json' : stdout.isTTY && stderr.isTTY ? 'bar' : 'lines';
  const colour = (tone: Tone, text: string): string => paint(tone, text, stdout);
  const line = (text = ''): void => {
    if (!json) stdout.write(`${text}\n`);
  };
  // A terminal that does not tell its width has 0 columns.
  const width = (): number | null => (stdout.isTTY && stdout.columns > 0 ? stdout.columns : null);
  return {
    json,
    width,
    line,
    table: (content) => {
      line(drawTable(content, { width: width(), paint: colour }));
    },
    object: (value) => {
      if (json) writeJson(value);
    },
    paint: colour,
    progress: (label) => startProgress({ mode, stream: stderr, writeJson, clock }, label),
    stack: (label, total) => startStackDisplay({ mode, stream: stderr, writeJson, clock }, label, total),
  };
}
