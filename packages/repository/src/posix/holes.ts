import { libc } from './libc.ts';

/** unistd.h and linux/falloc.h of Linux. */
const SEEK_DATA = 3;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/**
 * Whether a part of an open file holds no data, so that it reads as zeros: known without reading it. Returns false where
 * that cannot be told. A part beyond the file's end is no hole. Moves the file's own position.
 */
export function isHole(descriptor: number, offset: number, length: number, fileSize: number): boolean {
  if (process.platform !== 'linux' || offset + length > fileSize) return false;
  const library = libc();
  const lseek = library?.find('lseek', 'intptr_t', ['int', 'int64_t', 'int']) ?? null;
  if (library === null || lseek === null) return false;
  const data = lseek(descriptor, BigInt(offset), SEEK_DATA);
  // ENXIO: no data from here to the end.
  return data < 0 ? library.errno() === 6 : data >= offset + length;
}

/** Turns a part of an open file into zeros that take no space. Returns false, with nothing changed, where that cannot be done. */
export function punchHole(descriptor: number, offset: number, length: number): boolean {
  if (process.platform !== 'linux') return false;
  const fallocate = libc()?.find('fallocate', 'int', ['int', 'int', 'int64_t', 'int64_t']) ?? null;
  return (
    fallocate !== null &&
    fallocate(descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, BigInt(offset), BigInt(length)) === 0
  );
}
