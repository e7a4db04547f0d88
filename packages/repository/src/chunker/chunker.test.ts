import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Chunker, maximumChunk } from './chunker.ts';
import { isIrreducible, randomPolynomial } from './polynomial.ts';

/** 16 MiB of xorshift32 from seed 12345, each state little-endian. */
function pseudoRandomBytes(): Buffer {
  const words = new Uint32Array(4 * 1024 * 1024);
  let state = 12345;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer);
}

function chunkLengths(chunker: Chunker, data: Buffer): number[] {
  const lengths = [];
  for (let start = 0; start < data.length;) {
    const end = chunker.findEnd(data, start, data.length, true);
    lengths.push(end - start);
    start = end;
  }
  return lengths;
}

// Boundaries that restic's own chunker gives for the same bytes and polynomials.
const boundariesOfRestic = [
  {
    polynomial: 0x270493806a5427n,
    lengths: [
      842417, 967834, 921813, 1380844, 1151424, 1974785, 2087036, 2582698, 572022, 1808150, 628659, 1704819, 154715,
    ],
  },
  {
    polynomial: 0x3da3358b4dc173n,
    lengths: [1271366, 590287, 1422993, 1925672, 711823, 5201305, 761544, 3276727, 1615499],
  },
  {
    polynomial: 0x25b468838dcb75n,
    lengths: [4110368, 1943113, 1036437, 742576, 800536, 2647147, 2727834, 2641490, 127715],
  },
];

describe('the chunker', () => {
  const data = pseudoRandomBytes();

  it('has the input that the boundaries belong to', () => {
    const digest = createHash('sha256').update(data).digest('hex');
    expect(digest).toBe('000a2b8a6ed20e617e0b41198b328d858e05161c75db86470de815cd9e5f56e2');
  });

  it.each(boundariesOfRestic)('cuts where restic cuts, with polynomial $polynomial', ({ polynomial, lengths }) => {
    expect(chunkLengths(new Chunker(polynomial), data)).toEqual(lengths);
  });

  it('asks for more bytes until the end of a chunk is certain', () => {
    const chunker = new Chunker(0x3da3358b4dc173n);
    expect(chunker.findEnd(data, 0, 1271365, false)).toBe(0);
    expect(chunker.findEnd(data, 0, 1271366, false)).toBe(1271366);
    expect(chunker.findEnd(data, 0, 1000, false)).toBe(0);
    expect(chunker.findEnd(data, 0, 1000, true)).toBe(1000);
  });

  it('ends a chunk at the maximum where no boundary comes', () => {
    const zeros = Buffer.alloc(maximumChunk + 10);
    const chunker = new Chunker(0x3da3358b4dc173n);
    const first = chunker.findEnd(zeros, 0, zeros.length, true);
    expect(first).toBeLessThanOrEqual(maximumChunk);
    expect(first).toBe(512 * 1024);
  });
});

describe('polynomials', () => {
  it('knows irreducible ones from reducible ones', () => {
    expect(isIrreducible(0x3da3358b4dc173n)).toBe(true);
    expect(isIrreducible(0x3da3358b4dc172n)).toBe(false);
    expect(isIrreducible(0b101n)).toBe(false);
  });

  it('makes a random irreducible one of degree 53', () => {
    const polynomial = randomPolynomial();
    expect(polynomial >> 53n).toBe(1n);
    expect(isIrreducible(polynomial)).toBe(true);
  });
});
