import { libc } from './libc.ts';

/** unistd.h and linux/falloc.h of Linux. */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = 6;
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
  return data < 0 ? library.errno() === ENXIO : data >= offset + length;
}

/** A part of a file, in bytes: from `start` up to `end`. */
export interface FileRegion {
  readonly start: number;
  readonly end: number;
}

/**
 * The next part of an open file, at or after `offset`, that may hold data: what lies between `offset` and its start is a
 * hole and reads as zeros. Null when only a hole is left up to `fileSize`. Where holes cannot be told, all that is left
 * may hold data. The answer is as old as the call: a file that is written to meanwhile may have data in the hole. Moves the
 * file's own position. Source: lseek(2).
 */
export function nextDataRegion(descriptor: number, offset: number, fileSize: number): FileRegion | null {
  if (offset >= fileSize) return null;
  const rest = { start: offset, end: fileSize };
  const library = process.platform === 'linux' ? libc() : null;
  const lseek = library?.find('lseek', 'intptr_t', ['int', 'int64_t', 'int']) ?? null;
  if (library === null || lseek === null) return rest;
  const start = lseek(descriptor, BigInt(offset), SEEK_DATA);
  if (start < 0) return library.errno() === ENXIO ? null : rest;
  if (start >= fileSize) return null;
  const end = lseek(descriptor, BigInt(start), SEEK_HOLE);
  return { start, end: end > start && end < fileSize ? end : fileSize };
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
