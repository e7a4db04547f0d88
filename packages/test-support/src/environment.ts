import { delimiter, resolve } from 'node:path';

/** Folders that hold administrators' programs and are missing from many users' PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/** Where the test command installs the AWS CLI from PyPI when the system has none to offer: a virtual environment. */
export const awscliEnvironment = resolve(import.meta.dirname, '../../../node_modules/.cache/awscli');

/**
 * The folders in which a system tool is looked for: those of PATH first, then the usual system folders, then what the
 * test command installed for this checkout alone.
 */
export const toolFolders = (): string[] => {
  const fromPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...fromPath, ...SYSTEM_FOLDERS, resolve(awscliEnvironment, 'bin')])];
};
