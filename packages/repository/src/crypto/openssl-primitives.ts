import { PlatformError } from '@enterprise-backup/contracts/errors';
import { loadNativeLibrary, type NativeFunction, type NativeLibrary } from '../native-library.ts';
import type { Primitives } from './primitives.ts';

/** Bytes for one call, whose length is an `int`. */
const longestCall = 2 ** 30;

/** What each function returns and takes, in C. Source: OpenSSL's manual, EVP_EncryptInit(3) and EVP_MAC(3). */
const signatures = {
  EVP_CIPHER_fetch: ['intptr_t', ['intptr_t', 'void *', 'void *']],
  EVP_CIPHER_CTX_new: ['intptr_t', []],
  EVP_EncryptInit_ex2: ['int', ['intptr_t', 'intptr_t', 'void *', 'void *', 'void *']],
  EVP_EncryptUpdate: ['int', ['intptr_t', 'void *', 'void *', 'void *', 'int']],
  EVP_MAC_fetch: ['intptr_t', ['intptr_t', 'void *', 'void *']],
  EVP_MAC_CTX_new: ['intptr_t', ['intptr_t']],
  EVP_MAC_init: ['int', ['intptr_t', 'void *', 'size_t', 'void *']],
  EVP_MAC_update: ['int', ['intptr_t', 'void *', 'size_t']],
  EVP_MAC_final: ['int', ['intptr_t', 'void *', 'void *', 'size_t']],
} as const satisfies Record<string, readonly ['int' | 'intptr_t', readonly string[]]>;

type OpenSsl = Record<keyof typeof signatures, NativeFunction>;

/**
 * The primitives of OpenSSL, which is part of Node: called directly, it encrypts from memory to memory, where `node:crypto`
 * makes a new buffer for each piece, and offers Poly1305, nine times as fast as in WebAssembly. Null where it cannot be called:
 * where koffi has no binary, where Node comes without OpenSSL's functions, or where OpenSSL is told to offer but a few.
 */
export function openSslPrimitives(): Primitives | null {
  const library = loadNativeLibrary([null]);
  const openSsl = typeof library === 'string' ? null : findFunctions(library);
  if (openSsl === null) return null;
  const aes256Ctr = cipherOf(openSsl, 'AES-256-CTR', 32, 16);
  const aes128Ecb = cipherOf(openSsl, 'AES-128-ECB', 16, 0);
  const poly1305 = poly1305Of(openSsl);
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

/** Null when one of them is missing. */
function findFunctions(library: NativeLibrary): OpenSsl | null {
  const found: Partial<OpenSsl> = {};
  for (const name of Object.keys(signatures) as (keyof OpenSsl)[]) {
    const [result, parameters] = signatures[name];
    const one = library.find(name, result, parameters);
    if (one === null) return null;
    found[name] = one;
  }
  return found as OpenSsl;
}

/**
 * A cipher with the one context that it uses, as long as the thread lives, for one message after the other. OpenSSL is not told
 * how long a key, a vector and the output are, and would read and write beyond their end.
 */
function cipherOf(openSsl: OpenSsl, name: string, keySize: number, vectorSize: number): Primitives['aes256Ctr'] | null {
  const cipher = openSsl.EVP_CIPHER_fetch(0, cString(name), null);
  const context = openSsl.EVP_CIPHER_CTX_new();
  if (cipher === 0 || context === 0) return null;
  const written = Buffer.alloc(8);
  return (key, vector, input, output) => {
    if (key.byteLength !== keySize || vector.byteLength !== vectorSize || output.byteLength < input.byteLength) {
      throw new PlatformError('INTERNAL', `${name} was called with a key, a vector or an output of another size`);
    }
    succeed(openSsl.EVP_EncryptInit_ex2(context, cipher, key, vectorSize === 0 ? null : vector, null), name);
    for (let from = 0; from < input.byteLength; from += longestCall) {
      const part = input.subarray(from, from + longestCall);
      succeed(openSsl.EVP_EncryptUpdate(context, output.subarray(from), written, part, part.byteLength), name);
    }
  };
}

function poly1305Of(openSsl: OpenSsl): Primitives['poly1305'] | null {
  const name = 'POLY1305';
  const mac = openSsl.EVP_MAC_fetch(0, cString(name), null);
  const context = mac === 0 ? 0 : openSsl.EVP_MAC_CTX_new(mac);
  if (context === 0) return null;
  const written = Buffer.alloc(8);
  return (key, message, tag) => {
    succeed(openSsl.EVP_MAC_init(context, key, key.byteLength, null), name);
    if (message.byteLength > 0) succeed(openSsl.EVP_MAC_update(context, message, message.byteLength), name);
    succeed(openSsl.EVP_MAC_final(context, tag, written, tag.byteLength), name);
  };
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** OpenSSL's functions return 1 when they have done what they were asked for. */
function succeed(result: number, name: string): void {
  if (result !== 1) throw new PlatformError('INTERNAL', `OpenSSL's ${name} failed`);
}
