import { PlatformError } from '@enterprise-backup/contracts/errors';
import { loadNativeLibrary, type NativeFunction, type NativeLibrary } from '../native-library.ts';
import type { Primitives } from './primitives.ts';

/** Bytes for one call, whose length is an `int`. */
const longestCall = 2 ** 30;

/**
 * The primitives of OpenSSL, which is part of Node: called directly, it encrypts from memory to memory, where `node:crypto`
 * makes a new buffer for each piece, and offers Poly1305, nine times as fast as in WebAssembly. Null where it cannot be called:
 * where koffi has no binary, where Node comes without OpenSSL's functions, or where OpenSSL is told to offer but a few.
 *
 * Source of the functions: OpenSSL's manual, EVP_EncryptInit(3) and EVP_MAC(3).
 */
export function openSslPrimitives(): Primitives | null {
  const library = loadNativeLibrary([null]);
  if (typeof library === 'string') return null;
  const mac = macFunctions(library);
  const cipher = cipherFunctions(library);
  if (mac === null || cipher === null) return null;
  const aes256Ctr = cipherOf(cipher, 'AES-256-CTR', 32, 16);
  const aes128Ecb = cipherOf(cipher, 'AES-128-ECB', 16, 0);
  const poly1305 = poly1305Of(mac);
  if (aes256Ctr === null || aes128Ecb === null || poly1305 === null) return null;
  return {
    aes256Ctr,
    aes128Block: (key, block, output) => {
      aes128Ecb(key, noVector, block, output);
    },
    poly1305,
  };
}

/** ECB takes none. */
const noVector = new Uint8Array(0);

type Encrypt = (key: Uint8Array, vector: Uint8Array, input: Uint8Array, output: Uint8Array) => void;

interface CipherFunctions {
  readonly fetch: NativeFunction;
  readonly newContext: NativeFunction;
  readonly init: NativeFunction;
  readonly update: NativeFunction;
}

function cipherFunctions(library: NativeLibrary): CipherFunctions | null {
  const fetch = library.find('EVP_CIPHER_fetch', 'intptr_t', ['intptr_t', 'void *', 'void *']);
  const newContext = library.find('EVP_CIPHER_CTX_new', 'intptr_t', []);
  const init = library.find('EVP_EncryptInit_ex2', 'int', ['intptr_t', 'intptr_t', 'void *', 'void *', 'void *']);
  const update = library.find('EVP_EncryptUpdate', 'int', ['intptr_t', 'void *', 'void *', 'void *', 'int']);
  if (fetch === null || newContext === null || init === null || update === null) return null;
  return { fetch, newContext, init, update };
}

/**
 * A cipher with the one context that it uses, as long as the thread lives, for one message after the other. OpenSSL is not told
 * how long a key, a vector and the output are, and would read and write beyond their end.
 */
function cipherOf(
  { fetch, newContext, init, update }: CipherFunctions,
  name: string,
  keySize: number,
  vectorSize: number,
): Encrypt | null {
  const cipher = fetch(0, cString(name), null);
  const context = newContext();
  if (cipher === 0 || context === 0) return null;
  const written = Buffer.alloc(8);
  return (key, vector, input, output) => {
    if (key.byteLength !== keySize || vector.byteLength !== vectorSize || output.byteLength < input.byteLength) {
      throw new PlatformError('INTERNAL', `${name} was called with a key, a vector or an output of another size`);
    }
    succeed(init(context, cipher, key, vectorSize === 0 ? null : vector, null), name);
    for (let from = 0; from < input.byteLength; from += longestCall) {
      const part = input.subarray(from, from + longestCall);
      succeed(update(context, output.subarray(from), written, part, part.byteLength), name);
    }
  };
}

interface MacFunctions {
  readonly fetch: NativeFunction;
  readonly newContext: NativeFunction;
  readonly init: NativeFunction;
  readonly update: NativeFunction;
  readonly final: NativeFunction;
}

function macFunctions(library: NativeLibrary): MacFunctions | null {
  const fetch = library.find('EVP_MAC_fetch', 'intptr_t', ['intptr_t', 'void *', 'void *']);
  const newContext = library.find('EVP_MAC_CTX_new', 'intptr_t', ['intptr_t']);
  const init = library.find('EVP_MAC_init', 'int', ['intptr_t', 'void *', 'size_t', 'void *']);
  const update = library.find('EVP_MAC_update', 'int', ['intptr_t', 'void *', 'size_t']);
  const final = library.find('EVP_MAC_final', 'int', ['intptr_t', 'void *', 'void *', 'size_t']);
  if (fetch === null || newContext === null || init === null || update === null || final === null) return null;
  return { fetch, newContext, init, update, final };
}

function poly1305Of({ fetch, newContext, init, update, final }: MacFunctions): Primitives['poly1305'] | null {
  const name = 'POLY1305';
  const mac = fetch(0, cString(name), null);
  const context = mac === 0 ? 0 : newContext(mac);
  if (context === 0) return null;
  const written = Buffer.alloc(8);
  return (key, message, tag) => {
    succeed(init(context, key, key.byteLength, null), name);
    if (message.byteLength > 0) succeed(update(context, message, message.byteLength), name);
    succeed(final(context, tag, written, tag.byteLength), name);
  };
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** OpenSSL's functions return 1 when they have done what they were asked for. */
function succeed(result: number, name: string): void {
  if (result !== 1) throw new PlatformError('INTERNAL', `OpenSSL's ${name} failed`);
}
