import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Chunker } from './chunker.ts';
import { maximumChunk, minimumChunk } from './chunker-parameters.ts';
import { isIrreducible, randomPolynomial, remainder } from './polynomial.ts';

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

/** The two that find boundaries. What is `undefined` is the chunker's own choice, which any machine for tests has. */
const scanners: readonly { readonly scanner: string; readonly module: null | undefined }[] = [
  { scanner: 'of vectors', module: undefined },
  { scanner: 'that is portable', module: null },
];

function chunkLengths(chunker: Chunker): number[] {
  const lengths = [];
  for (let start = 0; start < chunker.buffer.length;) {
    const end = chunker.findEnd(start, chunker.buffer.length, true);
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

const data = pseudoRandomBytes();

it('has the input that the boundaries belong to', () => {
  const digest = createHash('sha256').update(data).digest('hex');
  expect(digest).toBe('000a2b8a6ed20e617e0b41198b328d858e05161c75db86470de815cd9e5f56e2');
});

describe.each(scanners)('the chunker with the scanner $scanner', ({ module }) => {
  const newChunker = (polynomial: bigint, size: number) => new Chunker(polynomial, size, module);
  const chunkerOf = (polynomial: bigint) => {
    const chunker = newChunker(polynomial, data.length);
    data.copy(chunker.buffer);
    return chunker;
  };

  it.each(boundariesOfRestic)('cuts where restic cuts, with polynomial $polynomial', ({ polynomial, lengths }) => {
    expect(chunkLengths(chunkerOf(polynomial))).toEqual(lengths);
  });

  it('asks for more bytes until the end of a chunk is certain', () => {
    const chunker = chunkerOf(0x3da3358b4dc173n);
    expect(chunker.findEnd(0, 1271365, false)).toBe(0);
    expect(chunker.findEnd(0, 1271366, false)).toBe(1271366);
    expect(chunker.findEnd(0, 1000, false)).toBe(0);
    expect(chunker.findEnd(0, 1000, true)).toBe(1000);
  });

  it('ends a chunk at the maximum where no boundary comes', () => {
    const chunker = newChunker(0x3da3358b4dc173n, maximumChunk + 10);
    chunker.buffer.fill('no window of this text ends with a boundary. ');
    expect(chunker.findEnd(0, maximumChunk - 1, false)).toBe(0);
    expect(chunker.findEnd(0, maximumChunk, false)).toBe(maximumChunk);
    expect(chunker.findEnd(5, maximumChunk + 10, false)).toBe(maximumChunk + 5);
  });

  it('ends the smallest chunk in zeros, whose every window has a fingerprint of zero', () => {
    const chunker = newChunker(0x3da3358b4dc173n, maximumChunk);
    expect(chunker.findEnd(0, minimumChunk, false)).toBe(0);
    expect(chunker.findEnd(0, maximumChunk, true)).toBe(minimumChunk);
    expect(chunker.findEnd(77, maximumChunk, true)).toBe(minimumChunk + 77);
  });

  const seed = Date.now() % 2 ** 31;
  it(`finds what a window finds that moves byte by byte, from any start to any end (seed ${seed})`, () => {
    const polynomial = 0x25b468838dcb75n;
    const chunker = chunkerOf(polynomial);
    const boundaries = boundariesOf(data, polynomial);
    let state = seed;
    const next = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state % limit;
    };
    for (let round = 0; round < 500; round += 1) {
      const start = next(data.length - minimumChunk);
      const end = start + next(Math.min(data.length - start, 3 * minimumChunk));
      const expected = boundaries.find((boundary) => boundary >= start + minimumChunk && boundary <= end) ?? end;
      expect(chunker.findEnd(start, end, true)).toBe(expected);
    }
  });
});

it('does without vectors on a processor that lacks what they need', () => {
  const script = `
    const { Chunker } = await import(${JSON.stringify(new URL('chunker.ts', import.meta.url).href)});
    const { scannerModule } = await import(${JSON.stringify(new URL('scanner-module.ts', import.meta.url).href)});
    const chunker = new Chunker(0x3da3358b4dc173n, 1024 * 1024);
    console.log(WebAssembly.validate(scannerModule()), chunker.findEnd(0, 1024 * 1024, true));`;
  const options = ['--no-enable-sse4-1', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const printed = execFileSync(process.execPath, options, { encoding: 'utf8' }).trim();
  // The flag is of x86; others have the vectors at any rate.
  expect(printed).toBe(`${process.arch === 'x64' ? 'false' : 'true'} ${minimumChunk}`);
});

/** The ends of all windows of 64 bytes with a fingerprint that is zero under the mask, one window after the other. */
function boundariesOf(data: Buffer, polynomial: bigint): number[] {
  const tablesOf = (shift: bigint) => {
    const entries = Array.from({ length: 256 }, (_, byte) => remainder(BigInt(byte) << shift, polynomial));
    const high = Int32Array.from(entries, (entry) => Number(entry >> 32n));
    return { high, low: Int32Array.from(entries, (entry) => Number(entry & 0xffff_ffffn) | 0) };
  };
  const out = tablesOf(BigInt(8 * 63));
  const reduce = tablesOf(53n);
  const boundaries = [];
  let high = 0;
  let low = 0;
  for (let at = 0; at < data.length; at += 1) {
    const leaving = at < 64 ? 0 : Number(data[at - 64]);
    high ^= Number(out.high[leaving]);
    low ^= Number(out.low[leaving]);
    const overflow = high >>> 13;
    high = (((high << 8) | (low >>> 24)) & 0x1f_ffff) ^ Number(reduce.high[overflow]);
    low = ((low << 8) | Number(data[at])) ^ Number(reduce.low[overflow]);
    if (at >= 63 && (low & 0xf_ffff) === 0) boundaries.push(at + 1);
  }
  return boundaries;
}

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
