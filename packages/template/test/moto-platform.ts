import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@enterprise-backup/test-support/free-port';
import { pythonEnvironment } from '@enterprise-backup/test-support/python-environment';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';

/** AWS on this machine, as far as the templates need it. */
export interface MotoPlatform {
  readonly endpoint: string;
  /** What the server and the functions printed so far. */
  output(): string;
  /** The signed requests that it got so far. */
  calls(): readonly AwsCall[];
  /** The resources of all stacks with what CloudFormation gave them at each time, every reference resolved. */
  resources(): readonly MadeResource[];
  stop(): Promise<void>;
}

/** A request to AWS, as far as its signature, its first line and the name of its operation go. */
export interface AwsCall {
  /** The access key that signed it: the name of a function, or what a process was given. */
  readonly caller: string;
  readonly region: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Null where the path and the method tell it. */
  readonly operation: string | null;
  /** What it names, of the parameters that tell the resource. */
  readonly names: Readonly<Record<string, string>>;
}

/** A resource of a stack. */
export interface MadeResource {
  readonly logical_id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const version = '5.2.5';
/** The Python with all of moto. The first call on a machine installs it, which takes about a minute. */
export const motoEnvironment = await pythonEnvironment(`moto-server-${version}`, [`moto[server]==${version}`]);

/** Starts moto with the types that it lacks; `overrides` are environment variables for the functions. */
export const startMotoPlatform = async (overrides: Readonly<Record<string, string>>): Promise<MotoPlatform> => {
  const port = await freePort();
  const script = join(import.meta.dirname, 'moto_platform.py');
  const folder = temporaryDirectory('moto-platform');
  const records = { calls: join(folder.path, 'calls'), resources: join(folder.path, 'resources') };
  for (const file of Object.values(records)) writeFileSync(file, '');
  const server = spawn(
    join(motoEnvironment.bin ?? '', 'python'),
    [script, String(port), process.execPath, JSON.stringify(overrides), records.calls, records.resources],
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
    calls: () => readLines(records.calls) as readonly AwsCall[],
    resources: () => readLines(records.resources) as readonly MadeResource[],
    stop: async () => {
      folder.remove();
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    },
  };
};

const readLines = (file: string): readonly unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
