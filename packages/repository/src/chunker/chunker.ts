import { maximumChunk, minimumChunk } from './chunker-parameters.ts';
import type { Polynomial } from './polynomial.ts';
import { portableScanner } from './portable-scanner.ts';
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
  /** Where the buffer begins for the scanner. */
  readonly #dataAt: number;

  /**
   * `polynomial` is irreducible and of degree 53; it comes from the repository's config. `size` is the buffer's in bytes.
   * Without a `scanner` in WebAssembly the portable one does its work.
   */
  constructor(polynomial: Polynomial, size: number, scanner: WebAssembly.Module | null = vectorScanner()) {
    if (scanner === null) {
      this.buffer = Buffer.alloc(size);
      this.#dataAt = 0;
      this.#scan = portableScanner(polynomial, this.buffer);
      return;
    }
    const memory = new WebAssembly.Memory({ initial: Math.ceil((scannerDataAt + size + scannerOverrun) / wasmPage) });
    const { exports } = new WebAssembly.Instance(scanner, { scanner: { memory } });
    this.buffer = Buffer.from(memory.buffer, scannerDataAt, size);
    this.#dataAt = scannerDataAt;
    this.#scan = exports['scan'] as (at: number, limit: number) => number;
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
      const found = this.#scan(this.#dataAt + start + minimumChunk - 1, this.#dataAt + limit);
      if (found !== 0) return found - this.#dataAt;
    }
    return available >= maximumChunk || complete ? limit : 0;
  }
}

let compiled: WebAssembly.Module | null | undefined;

/** The scanner in WebAssembly; null where its vectors cannot be compiled, as on x86 without SSE 4.1. */
function vectorScanner(): WebAssembly.Module | null {
  if (compiled === undefined) {
    const code = scannerModule();
    compiled = WebAssembly.validate(code) ? new WebAssembly.Module(code) : null;
  }
  return compiled;
}
