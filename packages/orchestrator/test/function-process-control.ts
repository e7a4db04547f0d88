import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallOutcome, FunctionProcessRequest } from './function-process.ts';

/** How a process that called the function ended. */
export interface FunctionProcessEnd {
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly errors: string;
  /** One for each event; empty when the process did not get so far. */
  readonly outcomes: readonly CallOutcome[];
}

/** A process that has loaded everything, is connected, and waits to be told to call. */
export interface FunctionProcess {
  /** Lets it make its calls, and resolves when it has ended. */
  run(): Promise<FunctionProcessEnd>;
}

const SCRIPT = fileURLToPath(new URL('function-process.ts', import.meta.url));

/** Starts a process of its own that calls the orchestrator when told, and resolves when it is ready. */
export const startFunctionProcess = async (request: FunctionProcessRequest): Promise<FunctionProcess> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, JSON.stringify(request)], {
    stdio: 'pipe',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(child.stdout, 'data'), closed]);
  return {
    run: async () => {
      // A process that died before shows it by its exit code, not by the pipe that it no longer reads.
      child.stdin.on('error', () => undefined);
      child.stdin.end('go\n');
      const [exitCode, signal] = await closed;
      const line = output.split('\n').find((text) => text.startsWith('{'));
      const { outcomes } = JSON.parse(line ?? '{"outcomes":[]}') as { readonly outcomes: readonly CallOutcome[] };
      return { exitCode, signal, errors, outcomes };
    },
  };
};

/** The outcomes of processes that make their calls at the same time. Fails when one of them does not end well. */
export const callFromProcesses = async (requests: readonly FunctionProcessRequest[]): Promise<CallOutcome[]> => {
  const processes = await Promise.all(requests.map(startFunctionProcess));
  const ends = await Promise.all(processes.map((each) => each.run()));
  for (const end of ends) {
    if (end.exitCode !== 0) throw new Error(`a process ended with ${end.exitCode ?? end.signal}: ${end.errors}`);
  }
  return ends.flatMap((end) => end.outcomes);
};
