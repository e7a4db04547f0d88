import { hash } from 'node:crypto';
import { unseal, type SealingKey } from './crypto/sealing.ts';
import type { BlobType, PackedBlob } from './format/blob.ts';
import { decompressBlob } from './format/blob-compression.ts';
import { releaseMemory } from './release-memory.ts';

/** What was unsealed last for a caller that needs it no longer than until the next call. */
let lastUnsealed: Buffer | null = null;

/**
 * Opens the sealed bytes of a blob: verifies the tag, decompresses, and compares with the id. Returns what is wrong as
 * a sentence's end when anything does not fit; wrong bytes are never returned. With `reuse`, they are valid until the next
 * such call of this thread.
 */
export function openBlob(key: SealingKey, blob: PackedBlob, sealed: Uint8Array, reuse = false): Buffer | string {
  if (reuse && lastUnsealed !== null) releaseMemory(lastUnsealed);
  const stored = unseal(key, sealed);
  if (reuse) lastUnsealed = stored;
  if (stored === null) return 'its authentication tag does not match';
  let plaintext: Buffer | null = stored;
  if (blob.uncompressedLength !== 0) {
    plaintext = decompressBlob(stored, blob.uncompressedLength, reuse);
    if (plaintext === null) return 'it cannot be decompressed, or not to its recorded length';
  }
  return hash('sha256', plaintext, 'hex') === blob.id ? plaintext : 'its content does not match its id';
}

/** A word for a blob in a sentence to a person. */
export function describeBlob(type: BlobType, id: string): string {
  return `the ${type} blob ${id}`;
}
