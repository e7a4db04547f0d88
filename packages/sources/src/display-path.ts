import { isUtf8 } from 'node:buffer';

/**
 * A path as a person can read and copy it on one line: control characters, a backslash and bytes that are not UTF-8 are
 * written as `\xNN`, everything else as it is. Different paths have different displays.
 */
export function displayPath(path: Buffer): string {
  let shown = '';
  for (let start = 0; start < path.length;) {
    const length = characterLength(path, start);
    const character = path.subarray(start, start + length);
    shown += length === 0 || isAwkward(character) ? escapeByte(path[start] ?? 0) : character.toString();
    start += Math.max(length, 1);
  }
  return shown;
}

/** Bytes of the UTF-8 character at `start`, or 0 when there is none. */
function characterLength(path: Buffer, start: number): number {
  for (let length = 1; length <= 4 && start + length <= path.length; length += 1) {
    if (isUtf8(path.subarray(start, start + length))) return length;
  }
  return 0;
}

function isAwkward(character: Buffer): boolean {
  const byte = character[0] ?? 0;
  return character.length === 1 && (byte < 0x20 || byte === 0x7f || byte === 0x5c);
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
