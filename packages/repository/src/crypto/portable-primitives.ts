import { createCipheriv } from 'node:crypto';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { releaseMemory } from '../release-memory.ts';
import type { Primitives } from './primitives.ts';
import { loadSodium } from './sodium.ts';

/**
 * Bytes that are encrypted at a time. What a cipher returns is new memory each time: pieces of this size, given back at once, are
 * the same few pages again, already in the processor's cache, where larger ones are pages that the kernel has to clear first.
 * Left to the garbage collector, they pile up to 150 MB.
 */
const pieceSize = 32 * 1024;
const keySize = 32;
const tagSize = 16;
const windowSize = 256 * 1024;

/**
 * The primitives that are there on every platform: AES of `node:crypto` and Poly1305 of libsodium in WebAssembly. The functions
 * that libsodium's one-shot call is made of are called directly: so a message of any length passes through one small buffer
 * instead of growing the module's memory to its size.
 */
export async function loadPortablePrimitives(): Promise<Primitives> {
  const module = await loadSodium();
  const state = module._malloc(module._crypto_onetimeauth_statebytes());
  const keyAt = module._malloc(keySize);
  const tagAt = module._malloc(tagSize);
  const window = module._malloc(windowSize);
  return {
    aes256Ctr: (key, counter, input, output) => {
      const cipher = createCipheriv('aes-256-ctr', key, counter);
      for (let start = 0; start < input.byteLength; start += pieceSize) {
        const encrypted = cipher.update(input.subarray(start, start + pieceSize));
        output.set(encrypted, start);
        releaseMemory(encrypted);
      }
    },
    aes128Block: (key, block, output) => {
      output.set(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block));
    },
    poly1305: (key, message, tag) => {
      if (key.byteLength !== keySize) throw new PlatformError('INTERNAL', 'a key of Poly1305 has 32 bytes');
      module.HEAPU8.set(key, keyAt);
      module._crypto_onetimeauth_init(state, keyAt);
      for (let offset = 0; offset < message.byteLength; offset += windowSize) {
        const part = message.subarray(offset, offset + windowSize);
        module.HEAPU8.set(part, window);
        module._crypto_onetimeauth_update(state, window, part.byteLength, 0);
      }
      module._crypto_onetimeauth_final(state, tagAt);
      tag.set(module.HEAPU8.subarray(tagAt, tagAt + tagSize));
    },
  };
}
