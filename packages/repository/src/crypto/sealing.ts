import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  randomFillSync,
  timingSafeEqual,
  type Cipheriv,
  type KeyObject,
} from 'node:crypto';
import { releaseMemory } from '../release-memory.ts';
import { poly1305 } from './poly1305.ts';

/** Bytes that sealing adds to a plaintext: 16 of initialisation vector before it, 16 of tag after it. */
export const sealingOverhead = 32;
const vectorSize = 16;
const tagSize = 16;
/**
 * Bytes that are encrypted at a time. What a cipher returns is new memory each time: pieces of this size, given back at once, are
 * the same few pages again, already in the processor's cache, where larger ones are pages that the kernel has to clear first.
 * Left to the garbage collector, they pile up to 150 MB.
 */
const pieceSize = 32 * 1024;

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
  const cipher = createCipheriv('aes-256-ctr', prepare(key).encryption, vector);
  const end = offset + vectorSize + plaintext.byteLength;
  for (let start = 0; start < plaintext.byteLength; start += pieceSize) {
    const encrypted = cipher.update(plaintext.subarray(start, start + pieceSize));
    output.set(encrypted, offset + vectorSize + start);
    releaseMemory(encrypted);
  }
  authenticate(key, vector, output.subarray(offset + vectorSize, end)).copy(output, end);
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
  if (!timingSafeEqual(authenticate(key, vector, ciphertext), tag)) return null;
  return createDecipheriv('aes-256-ctr', prepare(key).encryption, vector).update(ciphertext);
}

/** Poly1305-AES (Bernstein): the one-time key is r and AES-128 of the vector under k. Covers the ciphertext alone. */
function authenticate(key: SealingKey, vector: Uint8Array, ciphertext: Uint8Array): Buffer {
  const { oneTimeKey, blocks } = prepare(key);
  blocks.update(vector).copy(oneTimeKey, vectorSize);
  return poly1305(oneTimeKey, ciphertext);
}

/** What can be made of a key once: with it, sealing a small blob takes a fifth of the time. */
interface PreparedKey {
  readonly encryption: KeyObject;
  /** AES-128 under k. Blocks in ECB do not depend on each other, so one cipher serves for all vectors. */
  readonly blocks: Cipheriv;
  /** `r`, and room for the block that follows it. */
  readonly oneTimeKey: Buffer;
}

const preparedKeys = new WeakMap<SealingKey, PreparedKey>();

function prepare(key: SealingKey): PreparedKey {
  const known = preparedKeys.get(key);
  if (known !== undefined) return known;
  const prepared = {
    encryption: createSecretKey(key.encryption),
    blocks: createCipheriv('aes-128-ecb', key.macK, null).setAutoPadding(false),
    oneTimeKey: Buffer.concat([key.macR, Buffer.alloc(vectorSize)]),
  };
  preparedKeys.set(key, prepared);
  return prepared;
}
