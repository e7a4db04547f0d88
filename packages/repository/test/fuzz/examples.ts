import { createHash, scryptSync } from 'node:crypto';
import { seal, sealingKeyFromBytes, type SealingKey } from '../../src/crypto/sealing.ts';
import { password } from '../crafted-repository.ts';
import { FuzzNumbers } from './fuzz-numbers.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that follow from a name. */
export function bytesOf(name: string, length: number): Buffer {
  return new FuzzNumbers(name).bytes(length);
}

const cheap = { N: 2, r: 1, p: 1 };
const salt = bytesOf('salt', 64);
const passwordKey = sealingKeyFromBytes(scryptSync(password, salt, 64, cheap));

/** A key file that costs nothing to open. `plaintext` is what it seals; a repository's key unless that is given. */
export function cheapKeyFile(key: SealingKey, plaintext?: Buffer): Buffer {
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const master = { mac: { k: encode(key.macK), r: encode(key.macR) }, encrypt: encode(key.encryption) };
  const data = encode(seal(passwordKey, plaintext ?? Buffer.from(JSON.stringify(master))));
  const origin = { created: '2026-01-01T00:00:00Z', username: 'user', hostname: 'host' };
  return Buffer.from(JSON.stringify({ ...origin, kdf: 'scrypt', ...cheap, salt: encode(salt), data }));
}

/** Trees as several programs write them, with nodes of all types. */
export function exampleTrees(): Buffer[] {
  const times = {
    mtime: '2026-01-01T00:00:00.123Z',
    atime: '2026-01-01T00:00:00Z',
    ctime: '2026-01-01T00:00:00+01:00',
  };
  const owner = { uid: 1000, gid: 1000, user: 'user', group: 'group' };
  const content = [sha256(Buffer.from('content'))];
  const nodes = [
    { name: 'file', type: 'file', mode: 420, ...times, ...owner, inode: 12, size: 7, links: 1, content },
    { name: 'folder', type: 'dir', mode: 2_147_484_141, ...times, ...owner, content: null, subtree: content[0] },
    { name: 'link', type: 'symlink', mode: 134_218_239, ...times, ...owner, linktarget: '../file', content: null },
    {
      name: '\\xff\\u00e4',
      type: 'symlink',
      ...times,
      ...owner,
      linktarget: '\ufffd',
      linktarget_raw: '/w==',
      content: null,
    },
    { name: 'device', type: 'chardev', mode: 69_206_454, ...times, uid: 0, gid: 0, device: 259, content: null },
    {
      name: 'attributes',
      type: 'file',
      ...times,
      ...owner,
      extended_attributes: [
        { name: 'user.x', value: 'AAEC' },
        { name: 'user.empty', value: null },
      ],
      generic_attributes: { 'windows.creation_time': 'AAAA' },
      content: [],
    },
  ];
  const numbers = nodes.map((node) => `{"nodes":[${JSON.stringify(node)}]}\n`);
  const long = `{"nodes":[{"name":"long","type":"file","inode":18446744073709551615,"device_id":9007199254740993,"content":[]}]}`;
  return [...numbers, `${JSON.stringify({ nodes })}\n`, long, '{"nodes":null}', '{}'].map((text) => Buffer.from(text));
}
