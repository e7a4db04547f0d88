import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { RunCost } from './measurement.ts';
import { readTreeMemory } from './process-memory.ts';

/** A program to run. */
export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its working folder. */
  readonly folder: string;
}

/** What a program cost and printed. */
export interface Outcome {
  readonly run: RunCost;
  readonly output: string;
}

/** Often enough to see where memory goes, seldom enough not to be seen in the wall time: a look takes some milliseconds. */
const sampleInterval = 100;

/** Runs the program, lets it inherit nothing open, and has the shell say what it and its descendants used of the processors. */
const shellScript = '"$@" 3>&-; status=$?; times >&3; exit $status';

/**
 * Runs a program to its end and measures it. User and system time are those of all its processes, as the shell's `times`
 * says; peak memory is the largest sample of the tree's proportional set size, or the largest resident set of one
 * process where that is more. Throws BENCHMARK_FAILED with the end of its output when its status is not 0.
 */
export async function runMeasured(invocation: Invocation): Promise<Outcome> {
  const started = performance.now();
  const child = spawn('/bin/sh', ['-c', shellScript, 'sh', invocation.program, ...invocation.args], {
    cwd: invocation.folder,
    env: invocation.environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const texts = [child.stdout, child.stderr, child.stdio[3] as Readable].map(collectText);
  let peak = 0;
  const sample = () => {
    const { proportional, largestPeak } = readTreeMemory(child.pid ?? 0);
    peak = Math.max(peak, proportional, largestPeak);
  };
  const sampling = setInterval(sample, sampleInterval);
  const closed = once(child, 'close');
  const [status] = (await once(child, 'exit')) as [number | null];
  const wall = (performance.now() - started) / 1000;
  clearInterval(sampling);
  await closed;
  const [output = '', errors = '', times = ''] = texts.map((text) => text());
  if (status !== 0) {
    const command = [invocation.program, ...invocation.args].join(' ');
    const said = `${output}\n${errors}`.trim().split('\n').slice(-15).join('\n');
    throw new PlatformError('BENCHMARK_FAILED', `${command} ended with status ${status ?? 'of a signal'}:\n${said}`);
  }
  const [user, system] = readTimes(times);
  return { run: { wall_seconds: wall, user_seconds: user, system_seconds: system, peak_memory_bytes: peak }, output };
}

function collectText(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (more: string) => (text += more));
  return () => text;
}

/** The second line of what `times` prints: user and system time of the shell's children, as `0m1.234s 0m0.567s`. */
function readTimes(text: string): [user: number, system: number] {
  const [user, system] = [...(text.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (user !== undefined && system !== undefined) return [user, system];
  throw new PlatformError('BENCHMARK_FAILED', `the shell said nothing of the times used: ${text}`);
}
