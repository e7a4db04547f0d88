import { hash } from 'node:crypto';
import type { SealingKey } from '../crypto/sealing.ts';
import { openUnpacked } from '../unpacked-file.ts';

/**
 * Opens the bytes of an index file and gives their memory back. Returns null when they are not what the file's name says, or
 * cannot be decrypted or decoded: to read the file anew tells why.
 */
export function openIndexFile(
  { key, version }: { readonly key: SealingKey; readonly version: 1 | 2 },
  name: string,
  sealed: Uint8Array,
): Buffer | null {
  return hash('sha256', sealed, 'hex') === name ? openUnpacked(key, version, sealed) : null;
}
