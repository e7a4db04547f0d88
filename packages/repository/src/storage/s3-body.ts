import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { releaseMemory } from '../release-memory.ts';

/** Memory that is taken at once. What a service announces may be wrong; what comes beyond this is collected as it comes. */
const largestAtOnce = 256 * 1024 * 1024;

/** A body that was read to its end, or until more came than was expected. */
export interface ReceivedBody {
  /** As many bytes as were expected, or the fewer that came, in memory of their own. */
  readonly data: Buffer;
  /** How many bytes came. Where it is more than was expected, there may be further ones. */
  readonly received: number;
}

/**
 * Reads the body of an answer, of which `expected` bytes are kept, or all where nobody knows how many come. Each piece's memory
 * is given back as soon as it is copied: what the network hands over lies outside of the heap, and the collector would run for
 * nothing else. Throws what the stream fails with, and ERR_STREAM_PREMATURE_CLOSE when it breaks off.
 */
export async function readBody(body: unknown, expected: number | undefined): Promise<ReceivedBody> {
  if (!(body instanceof Readable)) return { data: Buffer.alloc(0), received: 0 };
  if (expected === undefined || expected > largestAtOnce) {
    const data = await buffer(body);
    return { data: data.subarray(0, expected), received: data.byteLength };
  }
  const data = Buffer.allocUnsafeSlow(expected);
  let received = 0;
  let last: Uint8Array | null = null;
  body.on('data', (piece: Uint8Array) => {
    // Not the piece itself: the parser that gives it may not be done with it yet.
    if (last !== null) releaseMemory(last);
    last = piece;
    if (received < expected) data.set(piece.subarray(0, expected - received), received);
    received += piece.byteLength;
    // An answer without end would otherwise be read for ever.
    if (received > expected) body.destroy();
  });
  try {
    await finished(body);
  } catch (error) {
    if (received <= expected) throw error;
  }
  if (last !== null) releaseMemory(last);
  return { data: data.subarray(0, received), received };
}
