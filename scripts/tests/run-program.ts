import { spawn } from 'node:child_process';

const running = new Set<ReturnType<typeof spawn>>();

/** Ends every program that {@link runProgram} has under way. */
export const endPrograms = (): void => {
  for (const child of running) child.kill('SIGTERM');
};

/**
 * Runs a program of node_modules/.bin with this process's output, and returns its exit code when it has ended; 128 and
 * more when a signal ended it.
 */
export const runProgram = async (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> =>
  await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    running.add(child);
    child.once('error', reject);
    child.once('exit', (status) => {
      running.delete(child);
      resolve(status ?? 128);
    });
  });
