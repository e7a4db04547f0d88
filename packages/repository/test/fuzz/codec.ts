import { isDeepStrictEqual } from 'node:util';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { FuzzNumbers } from './fuzz-numbers.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';

/**
 * Something that reads bytes which anybody may have written or damaged. It answers with a value, with null or a fault where
 * it says so, or throws a PlatformError of damage: nothing else, and in bounded time and memory.
 */
export interface Codec<Value = unknown> {
  readonly name: string;
  /** Whether inputs are JSON, so that their structure is mutated too. */
  readonly json: boolean;
  /** Right inputs of all shapes, from which others are made. */
  readonly examples: readonly Buffer[];
  /** Null for an input that is refused. */
  decode(input: Buffer): Value | null | Promise<Value | null>;
  /** For codecs that write as well: what was read is written, read and written again without a change. */
  encode?(value: Value): Buffer;
  /** As how many inputs of other codecs one input counts, for one that takes longer; 1 unless it says so. */
  readonly cost?: number;
  /** Codes beside those of damage. */
  readonly codes?: readonly string[];
}

/** What a run has done. */
export interface FuzzOutcome {
  readonly inputs: number;
  readonly accepted: number;
  readonly milliseconds: number;
  /** Time of the input that took the longest. */
  readonly slowest: number;
}

/** An input that broke the rules. `number` and the seed make it again. */
export class FuzzFailure extends Error {
  constructor(codec: string, seed: string, number: number, input: Buffer, cause: unknown) {
    const shown =
      input.length > 2000 ? `${input.toString('base64', 0, 2000)}… (${input.length} bytes)` : input.toString('base64');
    super(`${codec}, SEED=${seed}, input ${number}: ${shown}`, { cause });
  }
}

/** Gives a codec so many inputs, fewer where one costs more. Throws a FuzzFailure for the first that breaks the rules. */
export async function fuzz(codec: Codec, seed: string, wanted: number): Promise<FuzzOutcome> {
  const inputs = Math.ceil(wanted / (codec.cost ?? 1));
  const started = performance.now();
  let accepted = 0;
  let slowest = 0;
  for (let number = 0; number < inputs; number += 1) {
    const input = makeInput(codec, seed, number);
    const before = performance.now();
    try {
      if (await tryInput(codec, input)) accepted += 1;
    } catch (error) {
      throw new FuzzFailure(codec.name, seed, number, input, error);
    }
    slowest = Math.max(slowest, performance.now() - before);
  }
  return { inputs, accepted, milliseconds: performance.now() - started, slowest };
}

/** Each input depends on the seed and its number alone, so that a failure is made again at once. */
function makeInput({ name, json, examples }: Codec, seed: string, number: number): Buffer {
  const numbers = new FuzzNumbers(`${seed} ${name} ${number}`);
  const example = numbers.pick(examples);
  if (number < examples.length) return examples[number] ?? example;
  if (numbers.once(50)) return numbers.bytes(numbers.next(300));
  if (!json || numbers.once(3)) return mutateBytes(example, numbers, examples);
  const mutated = mutateJson(example, numbers);
  return numbers.once(10) ? mutateBytes(mutated, numbers, examples) : mutated;
}

/** Returns whether the codec takes the input. */
async function tryInput({ decode, encode, codes = [] }: Codec, input: Buffer): Promise<boolean> {
  let value: unknown;
  try {
    value = await decode(input);
  } catch (error) {
    if (error instanceof PlatformError && (error.kind === 'damage' || codes.includes(error.code))) return false;
    throw error;
  }
  if (value === null || value === undefined) return false;
  if (encode === undefined) return true;
  const encoded = encode(value);
  const again = await decode(encoded);
  if (again === null || again === undefined) throw new Error(`what was written is not read: ${encoded.toString()}`);
  if (!encode(again).equals(encoded)) throw new Error(`it changes when it is written again: ${encoded.toString()}`);
  return true;
}

/** Whether two values are the same, for codecs whose `decode` compares by itself. */
export function expectSame(left: unknown, right: unknown, what: string): void {
  if (!isDeepStrictEqual(left, right)) throw new Error(`${what} is not what it was`);
}
