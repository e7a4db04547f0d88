import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { compressionParameters } from './compression.ts';

/**
 * What Node's zlib streams are made of. Its one-shot calls make a new zstd context for each call, which costs several
 * times the work on a small blob: of 6,000 files of 4 KiB on average, compression takes a quarter of the time with one
 * context for all, decompression a seventh. The streams themselves cannot be used again, what they are made of can: a
 * frame that has ended is followed by the next. minizlib builds on the same parts.
 */
interface NativeContext {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  /** Forgets what was begun. */
  reset(): void;
  onerror: () => void;
}

/** What one call did. */
export interface ZstdStep {
  /** Bytes written to the output. */
  readonly written: number;
  /** Bytes of the input that were not looked at. */
  readonly left: number;
}

/** A zstd context that serves one call after the other. */
export interface ZstdContext {
  /** Works on the input from its start, into the output from `offset`. Null when the input is damaged. */
  run(input: Uint8Array, output: Uint8Array, offset: number): ZstdStep | null;
  /** To be called when a frame was begun and not ended. */
  reset(): void;
}

/** A context that makes each input one frame; null on a Node that is built otherwise. */
export function createCompressionContext(): ZstdContext | null {
  return contextOf(createZstdCompress({ ...compressionParameters, chunkSize: 64 }), constants.ZSTD_e_end);
}

/** A context that decompresses one frame a call; null on a Node that is built otherwise. */
export function createDecompressionContext(): ZstdContext | null {
  return contextOf(createZstdDecompress({ chunkSize: 64 }), constants.ZSTD_e_continue);
}

/** Streams whose contexts are in use: a context ends with its stream. There are at most three in a thread. */
const owners = new Set<object>();

function contextOf(stream: object, flush: number): ZstdContext | null {
  const { _handle: native, _writeState: state } = stream as { _handle?: NativeContext; _writeState?: unknown };
  if (typeof native?.writeSync !== 'function' || typeof native.reset !== 'function') return null;
  if (!(state instanceof Uint32Array)) return null;
  owners.add(stream);
  let failed = false;
  native.onerror = () => {
    failed = true;
  };
  return {
    run: (input, output, offset) => {
      failed = false;
      const room = output.byteLength - offset;
      native.writeSync(flush, input, 0, input.byteLength, output, offset, room);
      const [roomLeft = 0, left = 0] = state;
      return failed ? null : { written: room - roomLeft, left };
    },
    reset: () => {
      native.reset();
    },
  };
}
