import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const readOrUndefined = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const stampPath = (root) => join(root, 'node_modules', '.install-stamp');

/** What an installation depends on: the lockfile's content and the platform, whose binaries are installed. */
const expectedStamp = (root) => {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
};

/**
 * Whether node_modules holds what package-lock.json says, judged by the record npm leaves of what it installed. That
 * record is written last, so that a broken-off installation has none.
 */
const matchesRecordOfNpm = (root) => {
  const record = readOrUndefined(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const sameVersion = ([path, entry]) =>
    locked[path] !== undefined &&
    locked[path].version === entry.version &&
    locked[path].integrity === entry.integrity &&
    locked[path].link === entry.link;
  const present = ([path, entry]) => path === '' || entry.optional || entry.peer || path in installed;
  return Object.entries(installed).every(sameVersion) && Object.entries(locked).every(present);
};

/** Records that node_modules of the checkout `root` fits its package-lock.json on this platform. */
export const recordInstallation = (root) => {
  writeFileSync(stampPath(root), expectedStamp(root));
};

/**
 * Whether node_modules of the checkout `root` fits its package-lock.json on this platform: by the stamp, else, for a
 * folder that a person installed with npm, by npm's own record, after which the stamp is written.
 */
export const isInstalled = (root) => {
  const stamp = readOrUndefined(stampPath(root));
  if (stamp === expectedStamp(root)) return true;
  if (stamp !== undefined && !stamp.endsWith(` ${process.platform}-${process.arch}\n`)) return false;
  if (!matchesRecordOfNpm(root)) return false;
  recordInstallation(root);
  return true;
};
