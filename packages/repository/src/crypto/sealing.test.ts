import { createCipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import makeSodium from 'libsodium-sumo';
import sodium from 'libsodium-wrappers-sumo';
import { describe, expect, it } from 'vitest';
import { poly1305 } from './poly1305.ts';
import { isUsableKey, seal, sealingOverhead, unseal } from './sealing.ts';
import { compileSodium } from './sodium.ts';

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

/** A message that restic sealed; the same value stands in its own tests. */
const sealedByRestic = {
  key: {
    encryption: hex('303e8687b1d7db18421bdc6bb8588ccadac4d59ee87b8ff70c44e635790cafef'),
    macK: hex('ef4d8824cb80b2bcc5fbff8a9b12a42c'),
    macR: hex('cc8d4b948ee0ebfe1d415de921d10353'),
  },
  sealed: hex('69fb41c62d12def4593bd71757138606338f621aeaeb39da0fe4f99233f8037a54ea63338a813bcf3f75d8c3cc75dddf8750'),
  plaintext: 'Dies ist ein Test!',
};

describe('Poly1305', () => {
  it.each(vectors)('gives the tag of the paper for $message', ({ message, r, k, nonce, tag }) => {
    const block = createCipheriv('aes-128-ecb', hex(k), null).setAutoPadding(false).update(hex(nonce));
    expect(poly1305(Buffer.concat([hex(r), block]), hex(message)).toString('hex')).toBe(tag);
  });

  it('gives one tag however its window cuts the message', () => {
    const key = Buffer.alloc(32, 7);
    const message = Buffer.alloc(600_000, 3);
    // RFC 8439 in big integers, slow and plain.
    const prime = (1n << 130n) - 5n;
    const little = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
    const r = little(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
    let sum = 0n;
    for (let at = 0; at < message.length; at += 16) {
      const block = message.subarray(at, at + 16);
      sum = ((sum + little(Buffer.concat([block, Buffer.of(1)]))) * r) % prime;
    }
    const tag = (sum + little(key.subarray(16))) & ((1n << 128n) - 1n);
    expect(little(poly1305(key, message))).toBe(tag);
  });
});

describe('the code of libsodium', () => {
  it('is found in the source of its module, and no code in another', () => {
    expect(compileSodium(String(makeSodium))).toBeInstanceOf(WebAssembly.Module);
    expect(compileSodium('export default async () => {};')).toBeNull();
  });

  it('is handed on to threads, which compile none', async () => {
    const thread = `
      const { getEnvironmentData, parentPort } = require('node:worker_threads');
      parentPort.postMessage(getEnvironmentData('enterprise-backup/libsodium') instanceof WebAssembly.Module);`;
    const worker = new Worker(thread, { eval: true });
    expect(await once(worker, 'message')).toEqual([true]);
    await worker.terminate();
  });

  it('gives the tags of its documented interface', async () => {
    await sodium.ready;
    for (const length of [0, 1, 15, 16, 17, 255, 4096, 300_001]) {
      const [key, message] = [randomBytes(32), randomBytes(length)];
      expect(poly1305(key, message)).toEqual(Buffer.from(sodium.crypto_onetimeauth(message, key)));
    }
  });
});

describe('sealing', () => {
  const { key, sealed, plaintext } = sealedByRestic;

  it('opens what restic sealed', () => {
    expect(unseal(key, sealed)?.toString()).toBe(plaintext);
  });

  it.each([0, 1, 15, 16, 17, 300_000])('opens what it sealed, of %i bytes, under a new vector each time', (size) => {
    const message = Buffer.alloc(size, 5);
    const first = seal(key, message);
    const second = seal(key, message);
    expect(first.byteLength).toBe(size + sealingOverhead);
    expect(first.equals(second)).toBe(false);
    expect(unseal(key, first)?.equals(message)).toBe(true);
  });

  it('refuses every single changed bit', () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(unseal(key, changed)).toBeNull();
    }
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < sealed.length; length += 1)
      expect(unseal(key, sealed.subarray(0, length))).toBeNull();
  });

  it('refuses a vector of zeros', () => {
    expect(unseal(key, Buffer.alloc(64))).toBeNull();
  });

  it('refuses keys with a part of zeros', () => {
    expect(isUsableKey(key)).toBe(true);
    expect(isUsableKey({ ...key, macR: Buffer.alloc(16) })).toBe(false);
    expect(isUsableKey({ ...key, encryption: key.encryption.subarray(1) })).toBe(false);
  });
});
