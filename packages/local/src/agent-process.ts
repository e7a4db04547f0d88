import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { backoffMilliseconds } from '@enterprise-backup/agent/backoff';
import type { Log } from '@enterprise-backup/agent/json-log';
import { pause } from '@enterprise-backup/agent/pause';
import { LogFile } from './log-file.ts';

/** What an agent process is started with. */
export interface AgentProcessSettings {
  readonly agentId: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes what the process writes to its standard output and error. */
  readonly logFile: string;
  readonly log: Log;
  /** Seconds that the process has to drain before it is killed. */
  readonly stopSeconds: number;
  readonly monotonic: () => number;
}

/** An agent that is kept running. */
export interface AgentProcess {
  readonly agentId: string;
  /** Id of the process that runs now; null between two. */
  pid(): number | null;
  /** Drains the agent and waits until its process has ended. Safe to repeat. */
  stop(): Promise<void>;
}

const restartBounds = { first_milliseconds: 500, longest_milliseconds: 60_000 };
/** A process that ran so long had a good start: the next wait is a short one again. */
const steadyMilliseconds = 60_000;

/** Runs an agent as a process of its own, and starts it anew, after a wait that grows, when it ends without being told. */
export function keepAgentRunning(settings: AgentProcessSettings): AgentProcess {
  const { agentId, log, monotonic } = settings;
  const stopping = new AbortController();
  let child: ChildProcess | null = null;

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      const startedAt = monotonic();
      const reason = await runOnce();
      if (stopping.signal.aborted) return;
      failures = monotonic() - startedAt >= steadyMilliseconds ? 1 : failures + 1;
      const wait = backoffMilliseconds(failures, restartBounds, 1);
      log.warn('an agent ended and is started anew', { agent_id: agentId, reason, wait_seconds: wait / 1000 });
      await pause(wait, stopping.signal);
    }
  }

  /** Resolves, with a sentence's end, when the process has ended. */
  async function runOnce(): Promise<string> {
    new LogFile(settings.logFile).rotate();
    const output = openSync(settings.logFile, 'a', 0o600);
    try {
      // In a group of its own: Ctrl-C at the terminal reaches the platform alone, which then drains its agents in order.
      // Over the channel `ipc`, on which nothing is sent, the agent notices when the platform is gone.
      child = spawn(process.execPath, [agentEntry()], {
        env: settings.environment,
        stdio: ['ignore', output, output, 'ipc'],
        detached: true,
      });
    } finally {
      closeSync(output);
    }
    try {
      const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
      return signal ?? `exit status ${String(status)}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      child = null;
    }
  }

  const running = run();
  const stop = async (): Promise<void> => {
    stopping.abort();
    child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      log.error('an agent did not drain in time and is killed', { agent_id: agentId });
      child?.kill('SIGKILL');
    }, settings.stopSeconds * 1000);
    await running;
    clearTimeout(timer);
  };
  let stopped: Promise<void> | undefined;
  return { agentId, pid: () => child?.pid ?? null, stop: () => (stopped ??= stop()) };
}

function agentEntry(): string {
  return createRequire(import.meta.url).resolve('@enterprise-backup/agent/main');
}
