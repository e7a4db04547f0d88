import { delimiter } from 'node:path';

/** Folders that hold administrators' programs and are missing from many users' PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/** The folders in which a system tool is looked for: those of PATH first, then the usual system folders. */
export const toolFolders = (): string[] => {
  const fromPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...fromPath, ...SYSTEM_FOLDERS])];
};
