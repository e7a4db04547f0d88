import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '@enterprise-backup/test-support/free-port';
import { pythonEnvironment } from '@enterprise-backup/test-support/python-environment';

/** AWS on this machine, as far as the templates need it. */
export interface MotoPlatform {
  readonly endpoint: string;
  /** What the server and the functions printed so far. */
  output(): string;
  stop(): Promise<void>;
}

const version = '5.2.5';
/** The Python with all of moto. The first call on a machine installs it, which takes about a minute. */
export const motoEnvironment = await pythonEnvironment(`moto-server-${version}`, [`moto[server]==${version}`]);

/** Starts moto with the types that it lacks; `overrides` are environment variables for the functions. */
export const startMotoPlatform = async (overrides: Readonly<Record<string, string>>): Promise<MotoPlatform> => {
  const port = await freePort();
  const script = join(import.meta.dirname, 'moto_platform.py');
  const server = spawn(
    join(motoEnvironment.bin ?? '', 'python'),
    [script, String(port), process.execPath, JSON.stringify(overrides)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  const listening = new Promise<void>((found) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Running on http')) found();
    });
  });
  const ended = once(server, 'exit').then(() => {
    throw new Error(`moto did not come up:\n${output.slice(-4000)}`);
  });
  await Promise.race([listening, ended]);
  ended.catch(() => undefined);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    output: () => output,
    stop: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    },
  };
};
