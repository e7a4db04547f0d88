import { randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';
import { aes128Block, aes256Ctr, poly1305 } from './best-primitives.ts';

/** Bytes that sealing adds to a plaintext: 16 of initialisation vector before it, 16 of tag after it. */
export const sealingOverhead = 32;
const vectorSize = 16;
const tagSize = 16;
/** A key of a repository: 32 bytes for AES-256-CTR and 16 + 16 for Poly1305-AES. Source: restic's design document. */
export interface SealingKey {
  readonly encryption: Uint8Array;
  readonly macK: Uint8Array;
  readonly macR: Uint8Array;
}

/** Splits 64 bytes, as scrypt gives them, into a key. */
export function sealingKeyFromBytes(bytes: Uint8Array): SealingKey {
  return { encryption: bytes.subarray(0, 32), macK: bytes.subarray(32, 48), macR: bytes.subarray(48, 64) };
}

/** Makes a new random master key. */
export function createMasterKey(): SealingKey {
  return sealingKeyFromBytes(randomBytes(64));
}

/** Tells whether all three parts have their length and none is all zero, which restic refuses. */
export function isUsableKey(key: SealingKey): boolean {
  const usable = (part: Uint8Array, length: number) => part.byteLength === length && part.some((byte) => byte !== 0);
  return usable(key.encryption, 32) && usable(key.macK, 16) && usable(key.macR, 16);
}

/** Tells whether two keys are the same. */
export function sameKey(left: SealingKey, right: SealingKey): boolean {
  const parts = ['encryption', 'macK', 'macR'] as const;
  return parts.every((part) => Buffer.from(left[part]).equals(right[part]));
}

/** Encrypts and authenticates: `vector || AES-256-CTR(plaintext) || tag`, under a fresh random vector. */
export function seal(key: SealingKey, plaintext: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(plaintext.byteLength + sealingOverhead);
  sealInto(key, plaintext, sealed, 0);
  return sealed;
}

/** As `seal`, into `output` from `offset`. Returns the number of bytes written: the plaintext's plus the overhead. */
export function sealInto(key: SealingKey, plaintext: Uint8Array, output: Buffer, offset: number): number {
  const vector = output.subarray(offset, offset + vectorSize);
  vector.set(nextVector());
  const end = offset + vectorSize + plaintext.byteLength;
  const ciphertext = output.subarray(offset + vectorSize, end);
  aes256Ctr(key.encryption, vector, plaintext, ciphertext);
  authenticate(key, vector, ciphertext, output.subarray(end, end + tagSize));
  return plaintext.byteLength + sealingOverhead;
}

const vectors = Buffer.alloc(256 * vectorSize);
let vectorsUsed = vectors.byteLength;

/** A fresh random vector. The random generator is asked for many at once, as asking costs more than they do. */
function nextVector(): Buffer {
  if (vectorsUsed === vectors.byteLength) {
    randomFillSync(vectors);
    vectorsUsed = 0;
  }
  vectorsUsed += vectorSize;
  return vectors.subarray(vectorsUsed - vectorSize, vectorsUsed);
}

/** Verifies the tag, then decrypts. Returns null for anything that was not sealed with this key or was changed since. */
export function unseal(key: SealingKey, sealed: Uint8Array): Buffer | null {
  if (sealed.byteLength < sealingOverhead) return null;
  const vector = sealed.subarray(0, vectorSize);
  if (vector.every((byte) => byte === 0)) return null;
  const ciphertext = sealed.subarray(vectorSize, sealed.byteLength - tagSize);
  const tag = sealed.subarray(sealed.byteLength - tagSize);
  const expected = Buffer.allocUnsafe(tagSize);
  authenticate(key, vector, ciphertext, expected);
  if (!timingSafeEqual(expected, tag)) return null;
  // Memory of its own, which `releaseMemory` can give back.
  const plaintext = Buffer.allocUnsafeSlow(ciphertext.byteLength);
  aes256Ctr(key.encryption, vector, ciphertext, plaintext);
  return plaintext;
}

const oneTimeKey = Buffer.alloc(2 * vectorSize);

/** Poly1305-AES (Bernstein): the one-time key is r and AES-128 of the vector under k. Covers the ciphertext alone. */
function authenticate(key: SealingKey, vector: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): void {
  oneTimeKey.set(key.macR);
  aes128Block(key.macK, vector, oneTimeKey.subarray(vectorSize));
  poly1305(oneTimeKey, ciphertext, tag);
}
