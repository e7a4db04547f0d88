import { libc } from './libc.ts';

/** `_IOW(0x94, 9, int)` of linux/fs.h. */
const FICLONE = 0x4004_9409;

/**
 * Makes an empty open file share all the blocks of another one, which costs neither time nor space, where the file system
 * can (Btrfs, XFS with reflink, some others). Returns false, with the file as it was, where it cannot.
 */
export function cloneFile(from: number, to: number): boolean {
  if (process.platform !== 'linux') return false;
  const ioctl = libc()?.find('ioctl', 'int', ['int', 'uint64_t', 'int']) ?? null;
  return ioctl !== null && ioctl(to, FICLONE, from) === 0;
}
