import { loadSodium } from './sodium.ts';

/**
 * The functions that libsodium's one-shot call is made of. Called directly, a message of any length passes through one
 * small buffer instead of growing the module's memory to its size.
 */
const module = await loadSodium();
const keySize = 32;
const tagSize = 16;
const windowSize = 256 * 1024;
const state = module._malloc(module._crypto_onetimeauth_statebytes());
const key = module._malloc(keySize);
const tag = module._malloc(tagSize);
const window = module._malloc(windowSize);

/** Poly1305 (RFC 8439, section 2.5) of `message` under a 32-byte key `r || s`; r is clamped here. Returns 16 bytes. */
export function poly1305(authenticationKey: Uint8Array, message: Uint8Array): Buffer {
  module.HEAPU8.set(authenticationKey, key);
  module._crypto_onetimeauth_init(state, key);
  for (let offset = 0; offset < message.byteLength; offset += windowSize) {
    const part = message.subarray(offset, offset + windowSize);
    module.HEAPU8.set(part, window);
    module._crypto_onetimeauth_update(state, window, part.byteLength, 0);
  }
  module._crypto_onetimeauth_final(state, tag);
  return Buffer.from(module.HEAPU8.subarray(tag, tag + tagSize));
}
