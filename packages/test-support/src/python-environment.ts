import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './system-tool.ts';

/** A virtual environment of Python under node_modules/.cache, or why there is none. */
export type PythonEnvironment =
  { readonly bin: string; readonly absence: null } | { readonly bin: null; readonly absence: string };

/**
 * Makes sure that a virtual environment with these packages of PyPI exists, and returns the folder of its programs. The
 * first call on a machine installs them, later ones find them: `name` must change when the requirements do. Skip a suite
 * with `describe.skipIf(environment.absence !== null)`.
 */
export const pythonEnvironment = async (name: string, requirements: readonly string[]): Promise<PythonEnvironment> => {
  const folder = resolve(import.meta.dirname, '../../../node_modules/.cache', name);
  if (existsSync(folder)) return { bin: join(folder, 'bin'), absence: null };
  const python = toolPath('python3');
  if (python === undefined) return absent('there is no python3 with venv on this machine (Debian: python3-venv)');
  // Made aside and renamed: several test files may get here at once, and a run may be killed.
  const beside = `${folder}-${process.pid}`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    await promisify(execFile)(python, ['-m', 'venv', beside]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
    await promisify(execFile)(join(beside, 'bin/python'), install);
    if (!existsSync(folder)) renameSync(beside, folder);
    return { bin: join(folder, 'bin'), absence: null };
  } catch (error) {
    if (existsSync(folder)) return { bin: join(folder, 'bin'), absence: null };
    return absent(
      `${name} could not be installed from PyPI: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
};

const absent = (absence: string): PythonEnvironment => {
  console.warn(`Some tests are not run: ${absence}`);
  return { bin: null, absence };
};
