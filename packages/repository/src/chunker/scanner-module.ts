import { boundaryMask, windowSize } from './chunker-parameters.ts';
import { digestBytes, digestShift, halves, tableAt, type Half } from './scanner-tables.ts';
import {
  add,
  bitAnd,
  bytes,
  get,
  int,
  isBelow,
  load,
  lookUp,
  masked,
  moduleOf,
  movedLeft,
  movedRight,
  multiply,
  or,
  repeat,
  returned,
  set,
  shuffle,
  store,
  trailingZeros,
  when,
  xor,
  zeroBytes,
  type Code,
} from './webassembly-code.ts';

/** Windows that move side by side, one for each byte of a vector. */
const lanes = 16;
/** Bytes that each of them passes over before all move on. */
const laneLength = 2048;

/** Where the tables lie in the scanner's memory. */
export const scannerTablesAt = 0;
/** Where the bytes that entered lie until they leave, a vector for one of each lane; they come in groups of 16 vectors. */
const enteredAt = 512;
const groupSize = lanes * lanes;
const enteredSize = 2 * windowSize * lanes;
/** Where the data may begin. */
export const scannerDataAt = 4096;
/** Bytes of memory behind the data that are read as well, whatever they are. */
export const scannerOverrun = lanes * laneLength;

// Local variables by number: numbers first, then vectors.
const at = 0;
const limit = 1;
/** The byte that enters, in the first lane. */
const place = 2;
const stop = 3;
/** Which vectors enter and leave. */
const entering = 4;
const leaving = 5;
const found = 6;
const ended = 7;
const numbers = 8;
/** One byte of the fingerprints of all lanes: moving them up by a byte is taking one vector for another. */
const digest = (byte: number): number => numbers + byte;
const indices = (half: Half): number => numbers + digestBytes + halves.indexOf(half);
/** Two sets of rows, for turning rows into columns. */
const row = (from: number, number: number): number =>
  numbers + digestBytes + halves.length + (from % 2) * lanes + number;
const vectors = digestBytes + halves.length + 2 * lanes;

/**
 * The code of the scanner in WebAssembly, as bytes. It takes its memory as `scanner.memory` and gives one function,
 * `scan(at, limit)`: of the places from `at` to before `limit` it finds the first whose byte ends a window with a
 * fingerprint that is zero under the mask, and returns the place after it, or 0. The bytes of a window before `at` must be
 * there.
 */
export function scannerModule(): Uint8Array<ArrayBuffer> {
  return moduleOf(['scanner', 'memory'], 'scan', { numbers: numbers - 2, vectors, code: scan() });
}

function scan(): Code {
  const block: Code = [
    ...range(digestBytes).flatMap((byte) => set(digest(byte), bytes(0))),
    ...[entering, leaving, found].flatMap((number) => set(number, int(0))),
    ...set(place, add(get(at), int(-windowSize))),
    ...set(stop, get(at)),
    ...pass(enter(['overflow low', 'overflow high'])),
    ...set(stop, add(get(at), int(laneLength))),
    ...pass([...leave(), ...enter(halves), ...noteBoundary()]),
    ...when(get(found), [...when(isBelow(get(limit), get(found)), returned(int(0))), ...returned(get(found))]),
    ...set(at, add(get(at), int(lanes * laneLength))),
  ];
  const more = isBelow(get(at), get(limit));
  return [...when(more, repeat(block, more)), ...int(0)];
}

/** Does a step for each byte of all lanes up to `stop`. */
function pass(step: Code): Code {
  const wrap = (number: number): Code => set(number, bitAnd(get(number), int(enteredSize - 1)));
  const next: Code = [...set(place, add(get(place), int(1))), ...set(entering, add(get(entering), int(lanes)))];
  const group = repeat([...step, ...next], bitAnd(get(entering), int(groupSize - 1)));
  return repeat([...readGroup(), ...group, ...wrap(entering), ...wrap(leaving)], isBelow(get(place), get(stop)));
}

/**
 * Reads the next 16 bytes of each lane as a row, and lays them down as columns, a vector for one byte of each lane. Rows that lie
 * half of all apart are interleaved: the four bits of a row's number and the four of a column's move round by one, and have
 * changed sides after four times.
 */
function readGroup(): Code {
  const interleave = (from: number, pair: number, half: number): Code => {
    const numbersOfHalf = range(lanes / 2).flatMap((byte) => [half + byte, lanes + half + byte]);
    return shuffle(get(row(from, pair)), get(row(from, lanes / 2 + pair)), numbersOfHalf);
  };
  return [
    ...range(lanes).flatMap((lane) => set(row(0, lane), load(get(place), lane * laneLength))),
    ...range(4).flatMap((round) =>
      range(lanes / 2).flatMap((pair) => [
        ...set(row(round + 1, 2 * pair), interleave(round, pair, 0)),
        ...set(row(round + 1, 2 * pair + 1), interleave(round, pair, lanes / 2)),
      ]),
    ),
    ...range(lanes).flatMap((column) => store(get(entering), enteredAt + column * lanes, get(row(4, column)))),
  ];
}

/** Takes the byte that leaves, whose share `enter` takes away. */
function leave(): Code {
  const byte = load(get(leaving), enteredAt);
  return [
    ...set(indices('leaving low'), masked(byte, 0x0f)),
    ...set(indices('leaving high'), movedRight(byte, 4)),
    ...set(leaving, add(get(leaving), int(lanes))),
  ];
}

/** Moves fingerprints up by a byte: the one that enters comes in, and what `changes` adds. */
function enter(changes: readonly Half[]): Code {
  const entered = load(get(entering), enteredAt);
  const moved = (byte: number): Code => {
    if (byte === 0) return movedLeft(entered, digestShift);
    return byte === 1 ? xor(get(digest(0)), movedRight(entered, 8 - digestShift)) : get(digest(byte - 1));
  };
  const added = (byte: number): readonly Code[] =>
    changes.map((half) => lookUp(load(int(scannerTablesAt), tableAt(half, byte)), get(indices(half))));
  const overflow = get(digest(digestBytes - 1));
  return [
    ...set(indices('overflow low'), masked(overflow, 0x0f)),
    ...set(indices('overflow high'), movedRight(overflow, 4)),
    // From the last on: each takes the place of the one before it.
    ...range(digestBytes)
      .reverse()
      .flatMap((byte) => set(digest(byte), added(byte).reduce(xor, moved(byte)))),
  ];
}

/** Keeps the end of a window whose fingerprint is zero under the mask, if it lies before those that were found so far. */
function noteBoundary(): Code {
  // The lowest bits of a moved fingerprint are zero in any case.
  const mask = (boundaryMask << digestShift) | (2 ** digestShift - 1);
  const looked = range(digestBytes).flatMap((byte): Code[] => {
    const part = Math.floor(mask / 2 ** (8 * byte)) & 0xff;
    if (part === 0) return [];
    return [part === 0xff ? get(digest(byte)) : masked(get(digest(byte)), part)];
  });
  const firstLane = trailingZeros(get(ended));
  const lastPlace = add(get(place), multiply(firstLane, int(laneLength)));
  // As numbers without a sign, 0 - 1 is the largest: anything lies before nothing.
  const isEarlier = isBelow(add(get(ended), int(-1)), add(get(found), int(-1)));
  return [
    ...set(ended, zeroBytes(looked.reduce(or))),
    ...when(get(ended), [...set(ended, add(lastPlace, int(1))), ...when(isEarlier, set(found, get(ended)))]),
  ];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
