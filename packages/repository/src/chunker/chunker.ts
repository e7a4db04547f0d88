import { maximumChunk, minimumChunk } from './chunker-parameters.ts';
import type { Polynomial } from './polynomial.ts';
import { scannerDataAt, scannerModule, scannerOverrun, scannerTablesAt } from './scanner-module.ts';
import { scannerTables } from './scanner-tables.ts';

const wasmPage = 64 * 1024;

/**
 * Content-defined chunking with the boundaries of restic: a Rabin fingerprint over a window of 64 bytes.
 * Source: github.com/restic/chunker. The data lies in the chunker's own buffer, where WebAssembly can reach it.
 */
export class Chunker {
  /** What is to be cut is put here. */
  readonly buffer: Buffer;
  readonly #scan: (at: number, limit: number) => number;

  /** `polynomial` is irreducible and of degree 53; it comes from the repository's config. `size` is the buffer's in bytes. */
  constructor(polynomial: Polynomial, size: number) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((scannerDataAt + size + scannerOverrun) / wasmPage) });
    const { exports } = new WebAssembly.Instance(compiledScanner(), { scanner: { memory } });
    this.#scan = exports['scan'] as (at: number, limit: number) => number;
    this.buffer = Buffer.from(memory.buffer, scannerDataAt, size);
    new Uint8Array(memory.buffer).set(scannerTables(polynomial), scannerTablesAt);
  }

  /**
   * Finds where the chunk that starts at `start` ends. The bytes up to `end` are known; `complete` says that the file
   * ends there. Returns the end of the chunk, or 0 when more bytes are needed to know it.
   */
  findEnd(start: number, end: number, complete: boolean): number {
    const available = end - start;
    const limit = start + Math.min(available, maximumChunk);
    if (available > minimumChunk) {
      // A window that ends before the smallest chunk does is not looked at, and one that ends with it lies within the chunk.
      const found = this.#scan(scannerDataAt + start + minimumChunk - 1, scannerDataAt + limit);
      if (found !== 0) return found - scannerDataAt;
    }
    return available >= maximumChunk || complete ? limit : 0;
  }
}

let compiled: WebAssembly.Module | undefined;

function compiledScanner(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(scannerModule());
  return compiled;
}
