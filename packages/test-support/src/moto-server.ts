import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './system-tool.ts';

/** A running S3 service of the test's own: moto, which keeps everything in memory and accepts any credentials. */
export interface MotoServer {
  /** For example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  /** Ends the server; safe to repeat. */
  stop(): Promise<void>;
}

const MOTO_VERSION = '5.2.5';
/** What moto's server needs to answer for S3 alone: the packages of `moto[server]` for all services are four times that. */
const REQUIREMENTS = [`moto[s3]==${MOTO_VERSION}`, 'flask==3.1.3', 'flask-cors==6.0.5'];
const ENVIRONMENT = resolve(import.meta.dirname, `../../../node_modules/.cache/moto-${MOTO_VERSION}`);

/** Asks the kernel (prctl PR_SET_PDEATHSIG) to kill the server with the test run; then runs `python -m moto.server`. */
const SERVER_SCRIPT = `
import ctypes, sys
if sys.platform == "linux": ctypes.CDLL(None).prctl(1, 9)
from moto.server import main
main(["-H", "127.0.0.1", "-p", "0"])
`;

/**
 * Makes sure that moto can be run, and returns null, or why it cannot. The first call on a machine makes a virtual
 * environment under node_modules/.cache and installs moto from PyPI into it, which takes about half a minute; later ones
 * find it. Skip a suite with `describe.skipIf((await motoAbsence()) !== null)`.
 */
export const motoAbsence = async (): Promise<string | null> => {
  if (existsSync(ENVIRONMENT)) return null;
  const python = toolPath('python3');
  if (python === undefined) return reported('there is no python3 with venv on this machine (Debian: python3-venv)');
  // Made aside and renamed: several test files may get here at once, and a run may be killed.
  const beside = `${ENVIRONMENT}-${process.pid}`;
  try {
    mkdirSync(resolve(ENVIRONMENT, '..'), { recursive: true });
    await promisify(execFile)(python, ['-m', 'venv', beside]);
    const install = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--disable-pip-version-check', ...REQUIREMENTS];
    await promisify(execFile)(join(beside, 'bin/python'), install);
    if (!existsSync(ENVIRONMENT)) renameSync(beside, ENVIRONMENT);
    return null;
  } catch (error) {
    if (existsSync(ENVIRONMENT)) return null;
    return reported(`moto could not be installed from PyPI: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
};

const reported = (reason: string): string => {
  console.warn(`Tests of S3 are not run: ${reason}`);
  return reason;
};

/** The server prints its address when it listens; until then its output is kept for the message of a failure. */
const addressOf = async (server: ChildProcess): Promise<string> => {
  let output = '';
  const ended = once(server, 'exit').then(() => {
    throw new Error(`moto did not come up:\n${output.slice(-4000)}`);
  });
  const printed = new Promise<string>((found) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address !== undefined) found(address);
    });
  });
  return Promise.race([printed, ended]);
};

/**
 * Starts a moto server on a free port of 127.0.0.1 and returns when it listens. It holds no bucket. Call `stop()` in
 * `afterAll`; `motoAbsence` must have returned null before.
 *
 * @throws Error with the end of its output when it does not come up.
 */
export const startMotoServer = async (): Promise<MotoServer> => {
  const server = spawn(join(ENVIRONMENT, 'bin/python'), ['-c', SERVER_SCRIPT], { stdio: ['ignore', 'ignore', 'pipe'] });
  const killAtExit = (): void => {
    server.kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  const endpoint = await addressOf(server);
  server.stderr.removeAllListeners('data').resume();
  return {
    endpoint,
    stop: async () => {
      process.off('exit', killAtExit);
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    },
  };
};
