import { randomBytes } from 'node:crypto';
import { chunkerDegree } from './chunker-parameters.ts';

/** Polynomials over GF(2) as bit patterns: bit n is the coefficient of x^n. */
export type Polynomial = bigint;

/** Degree of a polynomial, -1 for zero. */
export function degree(polynomial: Polynomial): number {
  return polynomial === 0n ? -1 : polynomial.toString(2).length - 1;
}

/** Remainder of `dividend` by `divisor`, which must not be zero. */
export function remainder(dividend: Polynomial, divisor: Polynomial): Polynomial {
  const divisorDegree = degree(divisor);
  let rest = dividend;
  for (let shift = degree(dividend) - divisorDegree; shift >= 0; shift -= 1) {
    if (rest >> BigInt(shift + divisorDegree) !== 0n) rest ^= divisor << BigInt(shift);
  }
  return rest;
}

/** Ben-Or's test: irreducible when x^(2^i) - x has no factor in common with it, for each i up to half its degree. */
export function isIrreducible(polynomial: Polynomial): boolean {
  let power = 2n;
  for (let i = 1; i <= degree(polynomial) / 2; i += 1) {
    power = remainder(square(power), polynomial);
    if (greatestCommonDivisor(polynomial, power ^ 2n) !== 1n) return false;
  }
  return degree(polynomial) > 0;
}

/** A random irreducible polynomial of degree 53, as restic chooses one for a new repository. */
export function randomPolynomial(): Polynomial {
  const bits = 1n << BigInt(chunkerDegree);
  for (;;) {
    const candidate = (BigInt(`0x${randomBytes(8).toString('hex')}`) % bits) | bits | 1n;
    if (isIrreducible(candidate)) return candidate;
  }
}

/** Squaring over GF(2) spreads the bits: a zero between each two. */
function square(polynomial: Polynomial): Polynomial {
  return BigInt(`0b${[...polynomial.toString(2)].join('0')}`);
}

function greatestCommonDivisor(left: Polynomial, right: Polynomial): Polynomial {
  let [a, b] = [left, right];
  while (b !== 0n) [a, b] = [b, remainder(a, b)];
  return a;
}
