import { createCipheriv, randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { describe, expect, it } from 'vitest';
import * as best from './best-primitives.ts';
import { openSslPrimitives } from './openssl-primitives.ts';
import { loadPortablePrimitives } from './portable-primitives.ts';
import type { Primitives } from './primitives.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Bernstein, "The Poly1305-AES message-authentication code", appendix B. */
const vectors = [
  {
    message: 'f3f6',
    r: '851fc40c3467ac0be05cc20404f3f700',
    k: 'ec074c835580741701425b623235add6',
    nonce: 'fb447350c4e868c52ac3275cf9d4327e',
    tag: 'f4c633c3044fc145f84f335cb81953de',
  },
  {
    message: '',
    r: 'a0f3080000f46400d0c7e9076c834403',
    k: '75deaa25c09f208e1dc4ce6b5cad3fbf',
    nonce: '61ee09218d29b0aaed7e154a2c5509cc',
    tag: 'dd3fab2251f11ac759f0887129cc2ee7',
  },
  {
    message: '663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136',
    r: '48443d0bb0d21109c89a100b5ce2c208',
    k: '6acb5f61a7176dd320c5c1eb2edcdc74',
    nonce: 'ae212a55399729595dea458bc621ff0e',
    tag: '0ee1c16bb73f0f4fd19881753c01cdbe',
  },
  {
    message:
      'ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9',
    r: '12976a08c4426d0ce8a82407c4f48207',
    k: 'e1a5668a4d5b66a5f68cc5424ed5982d',
    nonce: '9ae831e743978d3a23527c7128149e3a',
    tag: '5154ad0d2cb26e01274fc51148491f1b',
  },
];

/** NIST SP 800-38A, appendix F.5.5. */
const counterMode = {
  key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  counter: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
  plaintext:
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  ciphertext:
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
};

/** RFC 8439, section 2.5, in big integers, slow and plain. */
function slowTag(key: Uint8Array, message: Uint8Array): Buffer {
  const prime = (1n << 130n) - 5n;
  const little = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const r = little(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + little(Buffer.concat([block, Buffer.of(1)]))) * r) % prime;
  }
  const tag = (sum + little(key.subarray(16))) & ((1n << 128n) - 1n);
  return hex(tag.toString(16).padStart(32, '0')).reverse();
}

it('can call OpenSSL in a Node that has it, and does', () => {
  const openSsl = openSslPrimitives();
  expect(openSsl).not.toBeNull();
  expect(String(best.poly1305)).toBe(String(openSsl?.poly1305));
});

const portable = await loadPortablePrimitives();
const everywhere: readonly (readonly [string, Primitives])[] = [
  ['OpenSSL called directly', openSslPrimitives() ?? portable],
  ['what is there on every platform', portable],
];

describe.each(everywhere)('%s', (_, primitives) => {
  const tagOf = (key: Uint8Array, message: Uint8Array): Buffer => {
    const tag = Buffer.alloc(16);
    primitives.poly1305(key, message, tag);
    return tag;
  };
  const blockOf = (key: Uint8Array, block: Uint8Array): Buffer => {
    const output = Buffer.alloc(16);
    primitives.aes128Block(key, block, output);
    return output;
  };
  const encrypted = (key: Uint8Array, counter: Uint8Array, input: Uint8Array): Buffer => {
    const output = Buffer.alloc(input.byteLength);
    primitives.aes256Ctr(key, counter, input, output);
    return output;
  };

  it.each(vectors)('gives the tag of the paper for $message', ({ message, r, k, nonce, tag }) => {
    expect(tagOf(Buffer.concat([hex(r), blockOf(hex(k), hex(nonce))]), hex(message)).toString('hex')).toBe(tag);
  });

  it("encrypts NIST's example, and decrypts it", () => {
    const [key, counter] = [hex(counterMode.key), hex(counterMode.counter)];
    expect(encrypted(key, counter, hex(counterMode.plaintext)).toString('hex')).toBe(counterMode.ciphertext);
    expect(encrypted(key, counter, hex(counterMode.ciphertext)).toString('hex')).toBe(counterMode.plaintext);
  });

  it('gives one tag for a message of many windows', () => {
    const [key, message] = [Buffer.alloc(32, 7), Buffer.alloc(600_000, 3)];
    expect(tagOf(key, message)).toEqual(slowTag(key, message));
  });

  it('agrees with the documented interfaces of libsodium and Node, under one key after the other', async () => {
    await sodium.ready;
    for (const length of [0, 1, 15, 16, 17, 255, 4096, 32_768, 300_001]) {
      const [key, counter, message] = [randomBytes(32), randomBytes(16), randomBytes(length)];
      expect(tagOf(key, message)).toEqual(Buffer.from(sodium.crypto_onetimeauth(message, key)));
      expect(encrypted(key, counter, message)).toEqual(createCipheriv('aes-256-ctr', key, counter).update(message));
      const block = createCipheriv('aes-128-ecb', counter, null).setAutoPadding(false).update(key.subarray(0, 16));
      expect(blockOf(counter, key.subarray(0, 16))).toEqual(block);
    }
  });

  it('counts beyond the end of the counter', () => {
    const [key, counter, message] = [randomBytes(32), Buffer.alloc(16, 255), randomBytes(100)];
    expect(encrypted(key, counter, message)).toEqual(createCipheriv('aes-256-ctr', key, counter).update(message));
  });

  it('touches nothing beside its output', () => {
    const memory = Buffer.alloc(3000, 9);
    primitives.aes256Ctr(randomBytes(32), randomBytes(16), randomBytes(1000), memory.subarray(1000, 2000));
    primitives.poly1305(randomBytes(32), randomBytes(1000), memory.subarray(2100, 2116));
    primitives.aes128Block(randomBytes(16), randomBytes(16), memory.subarray(2200, 2216));
    for (const [from, to] of [
      [0, 1000],
      [2000, 2100],
      [2116, 2200],
      [2216, 3000],
    ] as const) {
      expect(memory.subarray(from, to).every((byte) => byte === 9)).toBe(true);
    }
  });

  it('refuses keys, counters and outputs of another size', () => {
    const [key, counter, input] = [randomBytes(32), randomBytes(16), randomBytes(100)];
    expect(() => encrypted(key.subarray(1), counter, input)).toThrow();
    expect(() => encrypted(key, counter.subarray(1), input)).toThrow();
    expect(() => {
      primitives.aes256Ctr(key, counter, input, Buffer.alloc(99));
    }).toThrow();
    expect(() => blockOf(counter.subarray(1), counter)).toThrow();
    expect(() => {
      primitives.aes128Block(counter, counter, Buffer.alloc(15));
    }).toThrow();
    expect(() => tagOf(key.subarray(1), input)).toThrow();
    expect(() => {
      primitives.poly1305(key, input, Buffer.alloc(15));
    }).toThrow();
  });
});
