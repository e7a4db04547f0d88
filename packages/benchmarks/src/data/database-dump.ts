import { closeSync, openSync, writeSync } from 'node:fs';
import type { LinePools } from './line-pools.ts';
import { RandomNumbers } from './random-numbers.ts';

/** Bytes of a row on average, found by counting. */
const rowSize = 205;
const rowsInStatement = 200;
const shareOfChangedRows = 0.01;
const changedRanges = 50;
const bufferSize = 8 * 1024 * 1024;
const longestStatement = 256 * 1024;
const states = ['new', 'paid', 'packed', 'shipped', 'returned', 'cancelled'];

/**
 * Writes a dump of a table of about `bytes` in the shape of mysqldump's, in its state `version`: from one version to the
 * next 1 % of the rows change, half of them the newest ones and the others in ranges all over the table, and their
 * lengths change as well. Rows that change alone, each far from the next, would make every piece of the dump new, for
 * every engine alike.
 */
export function writeDump(path: string, bytes: number, pools: LinePools, seed: string, version: number): void {
  const rows = Math.max(1000, Math.round(bytes / rowSize));
  const versions = versionsOfRows(rows, seed, version);
  const buffer = Buffer.allocUnsafe(bufferSize);
  const descriptor = openSync(path, 'w');
  try {
    let offset = 0;
    for (let first = 0; first < rows; first += rowsInStatement) {
      if (offset + longestStatement > bufferSize) offset = flush(descriptor, buffer, offset);
      const last = Math.min(rows, first + rowsInStatement);
      offset = writeStatement(buffer, offset, first, last, versions, pools, seed);
    }
    flush(descriptor, buffer, offset);
  } finally {
    closeSync(descriptor);
  }
}

function versionsOfRows(rows: number, seed: string, version: number): Uint8Array {
  const versions = new Uint8Array(rows);
  const perRange = Math.max(1, Math.round((rows * shareOfChangedRows) / 2 / changedRanges));
  for (let step = 1; step <= version; step += 1) {
    const random = new RandomNumbers(seed, 'changed rows', step);
    versions.fill(step, rows - perRange * changedRanges);
    for (let range = 0; range < changedRanges; range += 1) {
      const from = random.below(rows);
      versions.fill(step, from, from + perRange);
    }
  }
  return versions;
}

/** The rows of a statement come from one seed; one that has changed is then written over from a seed of its own. */
function writeStatement(
  buffer: Buffer,
  start: number,
  first: number,
  last: number,
  versions: Uint8Array,
  pools: LinePools,
  seed: string,
): number {
  const random = new RandomNumbers(seed, 'rows', first);
  let offset = start + buffer.write('INSERT INTO `orders` VALUES ', start, 'latin1');
  for (let row = first; row < last; row += 1) {
    const version = versions[row] ?? 0;
    let length = writeRow(buffer, offset, row, random, pools);
    if (version > 0) length = writeRow(buffer, offset, row, new RandomNumbers(seed, 'row', row, version), pools);
    offset += length;
    offset += buffer.write(row + 1 < last ? ',' : ';\n', offset, 'latin1');
  }
  return offset;
}

function writeRow(buffer: Buffer, start: number, row: number, random: RandomNumbers, pools: LinePools): number {
  const customer = random.below(250_000);
  const cents = random.below(5_000_000);
  const second = 1_600_000_000 + row * 3 + random.below(3);
  let offset = start;
  offset += buffer.write(
    `(${row + 1},${customer},'${random.choose(states)}',${(cents / 100).toFixed(2)},${second},'${random.bits().toString(16)}','`,
    offset,
    'latin1',
  );
  const text = random.choose(pools.prose);
  offset += text.copy(buffer, offset, 0, Math.min(text.byteLength - 1, 60 + random.below(120)));
  offset += buffer.write(`',${random.below(100)},NULL)`, offset, 'latin1');
  return offset - start;
}

function flush(descriptor: number, buffer: Buffer, length: number): 0 {
  for (let written = 0; written < length;) written += writeSync(descriptor, buffer, written, length - written);
  return 0;
}
