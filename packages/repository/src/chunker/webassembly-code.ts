/** Instructions of WebAssembly 3.0 as bytes. Source: the WebAssembly core specification, chapter 5. */
export type Code = readonly number[];

/** Pushes a local variable, by its number. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
/** Sets a local variable. */
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const returned = (value: Code): Code => [...value, 0x0f];
export const when = (condition: Code, then: Code): Code => [...condition, 0x04, 0x40, ...then, 0x0b];
/** Repeats while the condition holds, at least once. */
export const repeat = (code: Code, condition: Code): Code => [0x03, 0x40, ...code, ...condition, 0x0d, 0, 0x0b];

// Numbers of 32 bits.

export const int = (value: number): Code => [0x41, ...signed(value)];
export const add = (left: Code, right: Code): Code => [...left, ...right, 0x6a];
export const multiply = (left: Code, right: Code): Code => [...left, ...right, 0x6c];
export const bitAnd = (left: Code, right: Code): Code => [...left, ...right, 0x71];
/** Compares them as numbers without a sign. */
export const isBelow = (left: Code, right: Code): Code => [...left, ...right, 0x49];
/** How many of the lowest bits are zero. */
export const trailingZeros = (value: Code): Code => [...value, 0x68];

// Vectors of 16 bytes.

/** A vector of one byte, 16 times. */
export const bytes = (byte: number): Code => [...vector(0x0c), ...Array<number>(16).fill(byte)];
export const load = (address: Code, offset: number): Code => [...address, ...vector(0x00), 0, ...unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...vector(0x0b),
  0,
  ...unsigned(offset),
];
export const or = (left: Code, right: Code): Code => [...left, ...right, ...vector(0x50)];
export const xor = (left: Code, right: Code): Code => [...left, ...right, ...vector(0x51)];
/** Each byte under a mask of 8 bits. */
export const masked = (value: Code, mask: number): Code => [...value, ...bytes(mask), ...vector(0x4e)];
/** Each byte moved left; bits that go beyond it are lost. */
export const movedLeft = (value: Code, bits: number): Code =>
  masked([...value, ...int(bits), ...vector(0x8b)], (0xff << bits) & 0xff);
/** Each byte moved right; bits that go beyond it are lost. */
export const movedRight = (value: Code, bits: number): Code =>
  masked([...value, ...int(bits), ...vector(0x8d)], 0xff >> bits);
/** For each byte of `indices`, which is below 16, that byte of `table`. The relaxed instruction: it has no case for other indices. */
export const lookUp = (table: Code, indices: Code): Code => [...table, ...indices, ...vector(0x100)];
/** Bytes of `left` and `right` by their numbers, 0 to 31. */
export const shuffle = (left: Code, right: Code, numbers: readonly number[]): Code => [
  ...left,
  ...right,
  ...vector(0x0d),
  ...numbers,
];
/** A number with a bit for each byte that is zero. */
export const zeroBytes = (value: Code): Code => [...value, ...bytes(0), ...vector(0x23), ...vector(0x64)];

/** A module with a memory that it imports, and one function of two numbers that gives a third. */
export function moduleOf(
  memory: readonly [from: string, name: string],
  exported: string,
  { numbers, vectors, code }: { readonly numbers: number; readonly vectors: number; readonly code: Code },
): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f;
  const v128 = 0x7b;
  const name = (text: string) => [...unsigned(text.length), ...Buffer.from(text)];
  const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
  const body = [2, ...unsigned(numbers), i32, ...unsigned(vectors), v128, ...code, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, i32, i32, 1, i32]),
    ...section(2, [1, ...memory.flatMap(name), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name(exported), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function vector(instruction: number): Code {
  return [0xfd, ...unsigned(instruction)];
}

/** LEB128 of a number from 0 on. */
function unsigned(value: number): number[] {
  const encoded = [];
  let rest = value;
  while (rest >= 0x80) {
    encoded.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...encoded, rest];
}

/** LEB128 of a number of 32 bits with a sign. */
function signed(value: number): number[] {
  const encoded = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return [...encoded, low];
    encoded.push(low | 0x80);
  }
}
