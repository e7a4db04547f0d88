import { chunkerDegree, windowSize } from './chunker-parameters.ts';
import { remainder, type Polynomial } from './polynomial.ts';

/** A fingerprint of 53 bits, moved left by three, takes seven bytes, of which the last overflows when a byte enters. */
export const digestBytes = 7;
export const digestShift = 8 * digestBytes - chunkerDegree;

/** Half bytes that change a fingerprint: those of the byte that overflows, and those of the byte that leaves the window. */
export const halves = ['overflow low', 'overflow high', 'leaving low', 'leaving high'] as const;
export type Half = (typeof halves)[number];

const tableSize = 16;

/** Where the table of a half byte and a byte of the fingerprint begins in `scannerTables`. */
export function tableAt(half: Half, digestByte: number): number {
  return (halves.indexOf(half) * digestBytes + digestByte) * tableSize;
}

/**
 * The tables of the scanner, 448 bytes: what each half byte adds to each byte of a fingerprint. As a fingerprint is linear, a byte
 * adds what its halves add. Tables of 16 entries fit into a vector, and one instruction looks up 16 of them.
 */
export function scannerTables(polynomial: Polynomial): Uint8Array {
  const places: Record<Half, number> = {
    'overflow low': chunkerDegree,
    'overflow high': chunkerDegree + 4,
    // A byte leaves as another one enters, when those between have moved up once more.
    'leaving low': 8 * windowSize,
    'leaving high': 8 * windowSize + 4,
  };
  const tables = new Uint8Array(halves.length * digestBytes * tableSize);
  for (const half of halves) {
    for (let value = 0; value < tableSize; value += 1) {
      const added = remainder(BigInt(value) << BigInt(places[half]), polynomial) << BigInt(digestShift);
      for (let byte = 0; byte < digestBytes; byte += 1) {
        tables[tableAt(half, byte) + value] = Number((added >> BigInt(8 * byte)) & 0xffn);
      }
    }
  }
  return tables;
}
