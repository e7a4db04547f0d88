import { libc } from './libc.ts';

/** Source: Linux, sync_file_range(2). */
const SYNC_FILE_RANGE_WRITE = 2;

/**
 * Has the kernel begin to write a part of a file to the disk, and does not wait for it. What can be done only where the C
 * library offers it is left out elsewhere: whoever waits for the disk at the end waits longer.
 */
export function startWriteback(descriptor: number, offset: number, length: number): void {
  if (process.platform !== 'linux') return;
  libc()?.find('sync_file_range', 'int', ['int', 'int64_t', 'int64_t', 'unsigned int'])?.(
    descriptor,
    offset,
    length,
    SYNC_FILE_RANGE_WRITE,
  );
}
