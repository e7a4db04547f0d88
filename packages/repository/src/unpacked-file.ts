import { unseal, type SealingKey } from './crypto/sealing.ts';
import { decodeUnpacked } from './format/unpacked.ts';
import { releaseMemory } from './release-memory.ts';

/**
 * Opens the bytes of a file that holds one sealed JSON document. Returns null when they cannot be decrypted or decoded;
 * otherwise their memory is given back.
 */
export function openUnpacked(key: SealingKey, version: 1 | 2, sealed: Uint8Array): Buffer | null {
  const plaintext = unseal(key, sealed);
  const json = plaintext === null ? null : decodeUnpacked(plaintext, version);
  if (plaintext === null || json === null) return null;
  releaseMemory(sealed);
  if (plaintext.buffer !== json.buffer) releaseMemory(plaintext);
  return json;
}
