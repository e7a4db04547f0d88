/** A file, folder or link by its path, or an open file by its descriptor, which costs the kernel no look-up. */
export type FileReference = Buffer | number;

/** The path for an error, which says no more than the descriptor of an open file. */
export function pathOf(file: FileReference): Buffer {
  return typeof file === 'number' ? Buffer.from(`/proc/self/fd/${file}`) : file;
}
