import { createHash } from 'node:crypto';
import { globSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a running system changes, or what is not its own. */
const LEFT_OUT = [
  ...['dev', 'proc', 'run', 'tmp', 'sys', 'work', '.usr', 'usr', 'srv'],
  ...['var/log', 'var/lib/file-systems', 'var/lib/backup-agent/shared'],
];

const describe = (path: string): string => {
  const stats = lstatSync(path);
  const facts = [stats.mode, stats.uid, stats.gid];
  if (stats.isSymbolicLink()) return [...facts, readlinkSync(path)].join(' ');
  if (!stats.isFile()) return facts.join(' ');
  return [...facts, stats.mtimeMs, createHash('sha256').update(readFileSync(path)).digest('hex')].join(' ');
};

/** Every file and folder of a root by its path, with what it holds, whose it is, and when it was written. */
export const systemState = (root: string): Map<string, string> => {
  const paths = globSync('**', { cwd: root, exclude: (path) => LEFT_OUT.includes(path) });
  return new Map(paths.map((path) => [path, describe(join(root, path))]));
};

/** The paths at which two states differ. */
export const differences = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
