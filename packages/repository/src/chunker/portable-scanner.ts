import { boundaryMask, chunkerDegree, windowSize } from './chunker-parameters.ts';
import { remainder, type Polynomial } from './polynomial.ts';

/** Bits of a fingerprint above its lower 32. */
const highBits = chunkerDegree - 32;
const highMask = 2 ** highBits - 1;

/** What each value of a byte adds to a fingerprint, in two halves, as numbers of 32 bits are the largest that are fast. */
interface ByteTable {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

/**
 * Finds the same boundaries as the scanner in WebAssembly, one window after the other and an eighth as fast: for processors
 * that lack the vectors. The function that is made searches `data` for windows whose last byte lies from `at` up to, and not
 * at, `limit`; it returns where the first one ends whose fingerprint is zero under the mask, or 0.
 */
export function portableScanner(polynomial: Polynomial, data: Uint8Array): (at: number, limit: number) => number {
  const overflowing = tableOf(polynomial, chunkerDegree);
  const leaving = tableOf(polynomial, 8 * windowSize);
  return (at, limit) => {
    let high = 0;
    let low = 0;
    // Nothing leaves the first window; a byte of zero takes nothing with it.
    let left = 0;
    for (let place = at - windowSize + 1; place < limit; place += 1) {
      const overflow = high >>> (highBits - 8);
      high = ((high << 8) | (low >>> 24)) & highMask;
      high ^= (overflowing.high[overflow] as number) ^ (leaving.high[left] as number);
      low = (low << 8) | (data[place] as number);
      low ^= (overflowing.low[overflow] as number) ^ (leaving.low[left] as number);
      if (place < at) continue;
      if ((low & boundaryMask) === 0) return place + 1;
      left = data[place - windowSize + 1] as number;
    }
    return 0;
  };
}

function tableOf(polynomial: Polynomial, place: number): ByteTable {
  const added = Array.from({ length: 256 }, (_, byte) => remainder(BigInt(byte) << BigInt(place), polynomial));
  return {
    high: Int32Array.from(added, (sum) => Number(sum >> 32n)),
    low: Int32Array.from(added, (sum) => Number(BigInt.asIntN(32, sum))),
  };
}
