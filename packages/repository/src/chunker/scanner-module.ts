import { boundaryMask, chunkerDegree, windowSize } from './chunker-parameters.ts';

/** Where the tables of 256 numbers of 64 bits lie in the scanner's memory: what a byte that leaves adds, and what reduces. */
export const outTableAt = 0;
export const reduceTableAt = 2048;
/** Where the data may begin. */
export const scannerDataAt = 4096;

/** Windows that move side by side: one alone waits for its own last step most of the time. */
const lanes = 4;
/** Bytes that each of them passes over before all move on. */
const laneLength = 8192;

/**
 * The code of the scanner in WebAssembly, as bytes. It takes its memory as `scanner.memory` and gives one function,
 * `scan(at, limit)`: of the places from `at` to before `limit` it finds the first whose byte ends a window with a
 * fingerprint that is zero under the mask, and returns the place after it, or 0. The bytes of a window before `at` must be
 * there. Source of the encoding: the WebAssembly core specification, chapter 5.
 */
export function scannerModule(): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f;
  const i64 = 0x7e;
  const name = (text: string) => [...unsigned(text.length), ...Buffer.from(text)];
  const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
  const locals = [2, ...unsigned(4), i32, ...unsigned(lanes), i64];
  const body = [...locals, ...scan(), 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, i32, i32, 1, i32]),
    ...section(2, [1, ...name('scanner'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('scan'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

type Code = readonly number[];

// Locals by number. `place` runs a window's length behind the byte that enters: offsets of a load cannot be negative.
const at = 0;
const limit = 1;
const place = 2;
const stop = 3;
const digest = (lane: number) => 6 + lane;
/** Where lanes 1 and on found a boundary; lane 0 returns at once. Two locals serve the three. */
const found = 4;
const any = 5;

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
const int = (value: number): Code => [0x41, ...signed(BigInt(value))];
const long = (value: bigint): Code => [0x42, ...signed(value)];
const add = (left: Code, right: Code): Code => [...left, ...right, 0x6a];
const returned = (value: Code): Code => [...value, 0x0f];
const when = (condition: Code, then: Code): Code => [...condition, 0x04, 0x40, ...then, 0x0b];
/** Repeats while the condition holds, at least once. */
const repeat = (code: Code, condition: Code): Code => [0x03, 0x40, ...code, ...condition, 0x0d, 0, 0x0b];
const below = (left: Code, right: Code): Code => [...left, ...right, 0x49];
const byteAt = (offset: number): Code => [...get(place), 0x2d, 0, ...unsigned(offset)];
const longByteAt = (offset: number): Code => [...get(place), 0x31, 0, ...unsigned(offset)];
/** The number at an index of a table. */
const entry = (table: number, index: Code): Code => [...index, ...int(3), 0x74, 0x29, 3, ...unsigned(table)];
const xor = (left: Code, right: Code): Code => [...left, ...right, 0x85];
const isBoundary = (lane: number): Code => [...get(digest(lane)), 0xa7, ...int(boundaryMask), 0x71, 0x45];

/** Takes in the byte at an offset: the top byte of the fingerprint is reduced, the rest moves up. */
function enter(lane: number, offset: number): Code {
  const top: Code = [...get(digest(lane)), ...long(BigInt(chunkerDegree - 8)), 0x88, 0xa7];
  const moved: Code = [...get(digest(lane)), ...long(8n), 0x86, ...longByteAt(offset), 0x84];
  return set(digest(lane), xor(moved, entry(reduceTableAt, top)));
}

function leave(lane: number, offset: number): Code {
  return set(digest(lane), xor(get(digest(lane)), entry(outTableAt, byteAt(offset))));
}

/** Fills the windows of the first `count` lanes with the bytes before `at`. */
function fill(count: number): Code {
  const each = range(count);
  return [
    ...each.flatMap((lane) => set(digest(lane), long(0n))),
    ...set(place, add(get(at), int(-windowSize))),
    ...repeat(
      [...each.flatMap((lane) => enter(lane, lane * laneLength)), ...set(place, add(get(place), int(1)))],
      below(get(place), get(at)),
    ),
    ...set(place, add(get(at), int(-windowSize))),
  ];
}

function move(count: number): Code {
  return range(count).flatMap((lane) => [
    ...leave(lane, lane * laneLength),
    ...enter(lane, lane * laneLength + windowSize),
  ]);
}

function scan(): Code {
  const end = (lane: number) => add(get(place), int(lane * laneLength + windowSize + 1));
  const others = range(lanes).slice(1);
  // The first boundary of all lanes is wanted: one of a later lane gives way to one of an earlier lane.
  const note = (lane: number): Code => when(isBoundary(lane), when(earlier(end(lane)), set(found, end(lane))));
  const block: Code = [
    ...fill(lanes),
    ...set(found, int(0)),
    ...set(stop, add(get(place), int(laneLength))),
    ...repeat(
      [
        ...move(lanes),
        ...set(
          any,
          range(lanes).reduce<Code>(
            (code, lane) => (lane === 0 ? isBoundary(0) : [...code, ...isBoundary(lane), 0x72]),
            [],
          ),
        ),
        ...when(get(any), [...when(isBoundary(0), returned(end(0))), ...others.flatMap(note)]),
        ...set(place, add(get(place), int(1))),
      ],
      below(get(place), get(stop)),
    ),
    ...when(get(found), returned(get(found))),
    ...set(at, add(get(at), int(lanes * laneLength))),
  ];
  const enough = below(add(get(at), int(lanes * laneLength - 1)), get(limit));
  const rest: Code = [
    ...fill(1),
    ...set(stop, add(get(limit), int(-windowSize))),
    ...repeat(
      [...move(1), ...when(isBoundary(0), returned(end(0))), ...set(place, add(get(place), int(1)))],
      below(get(place), get(stop)),
    ),
  ];
  return [...when(enough, repeat(block, enough)), ...when(below(get(at), get(limit)), rest), ...int(0)];
}

/** Whether a place lies before the one that was found; any does when none was. */
function earlier(value: Code): Code {
  // As unsigned numbers, 0 - 1 is the largest.
  return below(add(value, int(-1)), add(get(found), int(-1)));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** LEB128 of a number from 0 on. */
function unsigned(value: number): number[] {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** LEB128 of a number with a sign. */
function signed(value: bigint): number[] {
  const bytes = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
