import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';

/** Which write ends the process. */
export interface KillPoint {
  /** Number of the write, from 1. */
  readonly at: number;
  /** Whether the write is torn: half a temporary file is left of it. Otherwise it is done, and nothing after it. A removal is never torn. */
  readonly torn: boolean;
}

/** What became of a process that was to be killed. */
export interface KilledRun {
  /** Writes that were begun, in order: files published (rename, link) or removed below the folder, by all threads. */
  readonly writes: readonly ('publish' | 'remove')[];
  /** False when it ended before it came to the write. */
  readonly killed: boolean;
  /** Status with which it ended by itself, null when it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const preload = new URL('./kill-at-write-preload.ts', import.meta.url).href;

/**
 * Runs a module in a process of its own and kills it with SIGKILL at one of its writes below a folder, such as a
 * repository's; null lets it run to its end and counts. The production code knows nothing of it: the functions of
 * node:fs that publish and remove files are replaced before the module is loaded, in worker threads too.
 */
export async function runAndKill(
  entry: URL,
  args: readonly string[],
  below: string,
  point: KillPoint | null,
): Promise<KilledRun> {
  const { writes, ...ran } = await runCounted(entry, args, below, point, null);
  return { ...ran, writes: writes.map(({ kind }) => kind) };
}

/** A write that was begun: what was done, and to which file, by its absolute path. */
export interface BegunWrite {
  readonly kind: 'publish' | 'remove';
  readonly path: string;
}

/** As `runAndKill`, and says which files it were; what is published is copied into the folder `contents`, by number. */
export async function runCounted(
  entry: URL,
  args: readonly string[],
  below: string,
  point: KillPoint | null,
  contents: string | null,
): Promise<Omit<KilledRun, 'writes'> & { readonly writes: readonly BegunWrite[] }> {
  const counter = temporaryDirectory('kill-at-write');
  try {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--import', preload, entry.pathname, ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          KILL_AT_WRITE_BELOW: below,
          KILL_AT_WRITE_COUNTER: join(counter.path, 'writes'),
          KILL_AT_WRITE_AT: String(point?.at ?? 0),
          KILL_AT_WRITE_TORN: point?.torn === true ? '1' : '0',
          KILL_AT_WRITE_CONTENTS: contents ?? '',
        },
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    const folder = join(counter.path, 'writes');
    const writes = readdirSync(folder)
      .sort((left, right) => Number(left) - Number(right))
      .map((number): BegunWrite => {
        const [, kind, path = ''] = /^(\w+) (.*)$/s.exec(readFileSync(join(folder, number), 'utf8')) ?? [];
        return { kind: kind === 'remove' ? 'remove' : 'publish', path };
      });
    return { writes, killed: signal === 'SIGKILL', status, stdout, stderr };
  } finally {
    counter.remove();
  }
}

/**
 * Every kill point of an operation that made these writes when it ran to its end: after each one, and in the middle of
 * each that publishes a file. Threads may write in another order in another run, and a few more or fewer files; a run that
 * does not come to its point is not killed.
 */
export function killPoints(writes: KilledRun['writes']): KillPoint[] {
  return writes.flatMap((kind, at) => [
    ...(kind === 'publish' ? [{ at: at + 1, torn: true }] : []),
    { at: at + 1, torn: false },
  ]);
}
