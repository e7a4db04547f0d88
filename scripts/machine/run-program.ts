import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and what it wrote to its two outputs. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** The search path of a boot script. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program to its end with no more environment than is given. This process goes on to serve what it asks for. */
export const runProgram = async (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const child = spawn(program, args, {
    env: { PATH, LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (output += part));
  }
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, output };
};
