import { hash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { aes256Ctr, poly1305 } from '@enterprise-backup/repository/best-primitives';
import { compressBlob } from '@enterprise-backup/repository/blob-compression';

/** A part of the work of a backup. */
export type FloorPart = 'read' | 'SHA-256' | 'zstd' | 'AES-CTR' | 'Poly1305';

/** What a thread of the floor does: a part, for these files or for a share of each. */
export interface FloorInput {
  readonly part: FloorPart;
  readonly files: readonly { readonly path: string; readonly from: number; readonly to: number }[];
}

const pieceSize = 1024 * 1024;
const key = randomBytes(32);
const vector = randomBytes(16);
const tag = Buffer.alloc(16);

const { part, files } = workerData as FloorInput;
const piece = Buffer.allocUnsafe(pieceSize);
const encrypted = Buffer.allocUnsafe(pieceSize);
let milliseconds = 0;
let compressedBytes = 0;

const timed = <Result>(isMeant: boolean, work: () => Result): Result => {
  const started = performance.now();
  const result = work();
  if (isMeant) milliseconds += performance.now() - started;
  return result;
};

for (const { path, from, to } of files) {
  const descriptor = timed(part === 'read', () => openSync(path, 'r'));
  const { size } = timed(part === 'read', () => fstatSync(descriptor));
  const end = Math.floor(size * to);
  for (let offset = Math.floor(size * from); offset < end;) {
    const wanted = Math.min(pieceSize, end - offset);
    const position = offset;
    const length = timed(part === 'read', () => readSync(descriptor, piece, 0, wanted, position));
    if (length === 0) break;
    offset += length;
    if (part !== 'read') work(piece.subarray(0, length));
  }
  timed(part === 'read', () => {
    closeSync(descriptor);
  });
}
parentPort?.postMessage({ seconds: milliseconds / 1000, compressedBytes });

function work(bytes: Buffer): void {
  if (part === 'SHA-256') {
    timed(true, () => hash('sha256', bytes, 'buffer'));
    return;
  }
  const compressed = timed(part === 'zstd', () => compressBlob(bytes, false)) ?? bytes;
  compressedBytes += compressed.byteLength;
  if (part === 'AES-CTR') {
    timed(true, () => {
      aes256Ctr(key, vector, compressed, encrypted);
    });
  }
  if (part === 'Poly1305') {
    timed(true, () => {
      poly1305(key, compressed, tag);
    });
  }
}
