import type { FuzzNumbers } from './fuzz-numbers.ts';

const words = [0, 1, 4, 31, 32, 36, 37, 41, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

type Mutation = (input: Buffer, numbers: FuzzNumbers, others: readonly Buffer[]) => Buffer;

const mutations: readonly Mutation[] = [
  // A flipped bit.
  (input, numbers) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) {
      const at = numbers.next(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << numbers.next(8));
    }
    return copy;
  },
  // Another byte.
  (input, numbers) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) copy[numbers.next(copy.length)] = numbers.next(256);
    return copy;
  },
  // A cut at the end, a cut at the start.
  (input, numbers) => input.subarray(0, numbers.next(input.length + 1)),
  (input, numbers) => input.subarray(numbers.next(input.length + 1)),
  // A part that is missing.
  (input, numbers) => {
    const start = numbers.next(input.length + 1);
    const end = Math.min(input.length, start + 1 + numbers.next(16));
    return Buffer.concat([input.subarray(0, start), input.subarray(end)]);
  },
  // A part that stands twice.
  (input, numbers) => {
    const start = numbers.next(input.length + 1);
    const end = Math.min(input.length, start + 1 + numbers.next(64));
    return Buffer.concat([input.subarray(0, end), input.subarray(start)]);
  },
  // Random bytes in between.
  (input, numbers) => {
    const at = numbers.next(input.length + 1);
    return Buffer.concat([input.subarray(0, at), numbers.bytes(1 + numbers.next(16)), input.subarray(at)]);
  },
  // A length or an offset that is wrong.
  (input, numbers) => {
    if (input.length < 4) return input;
    const copy = Buffer.from(input);
    copy.writeUInt32LE(numbers.pick(words), numbers.next(input.length - 3));
    return copy;
  },
  // The start of one and the end of another.
  (input, numbers, others) => {
    const other = numbers.pick(others);
    return Buffer.concat([
      input.subarray(0, numbers.next(input.length + 1)),
      other.subarray(numbers.next(other.length + 1)),
    ]);
  },
];

/** Changes an input in one to four places. */
export function mutateBytes(input: Buffer, numbers: FuzzNumbers, others: readonly Buffer[]): Buffer {
  let mutated = input;
  for (let times = 1 + numbers.next(4); times > 0; times -= 1)
    mutated = numbers.pick(mutations)(mutated, numbers, others);
  return mutated;
}
