import { createCipheriv } from 'node:crypto';
import type { ContentKind, LinePools } from './line-pools.ts';
import { RandomNumbers } from './random-numbers.ts';

/** Fills `target` with content of a kind, the same for the same pools and seed. */
export function fillContent(target: Buffer, kind: ContentKind, pools: LinePools, ...seed: (string | number)[]): void {
  const random = new RandomNumbers(...seed);
  if (kind === 'random') fillRandom(target, random);
  else if (kind === 'records') fillRecords(target, random);
  else fillLines(target, pools[kind], kind === 'log' ? 1 : 0.3, random);
}

/** What compresses to nothing less, such as media: the key stream of a cipher. */
export function fillRandom(target: Buffer, random: RandomNumbers): void {
  const key = Buffer.alloc(16);
  for (let offset = 0; offset < 16; offset += 4) key.writeUInt32LE(random.bits(), offset);
  createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(target.fill(0)).copy(target);
}

/** What programs and databases write: fields of 4 bytes whose upper ones repeat. */
function fillRecords(target: Buffer, random: RandomNumbers): void {
  const bases = Array.from({ length: 8 }, () => random.bits());
  const ranges = [0, 8, 16, 256, 1024, 4096, 65_536, 2 ** 20];
  for (let offset = 0; offset + 4 <= target.byteLength; offset += 4) {
    const field = (offset >>> 2) & 7;
    target.writeUInt32LE(((bases[field] ?? 0) + random.below(ranges[field] ?? 0)) >>> 0, offset);
  }
}

/** Lines of a pool, of which the share `numbered` starts with a number that repeats nowhere. */
function fillLines(target: Buffer, lines: readonly Buffer[], numbered: number, random: RandomNumbers): void {
  let offset = 0;
  while (offset < target.byteLength) {
    if (random.fraction() < numbered) offset += target.write(`${random.bits().toString(36)} `, offset, 'latin1');
    offset += random.choose(lines).copy(target, offset);
  }
}
