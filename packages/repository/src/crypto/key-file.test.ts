import { expect, it } from 'vitest';
import { createKeyFile, openKeyFile, parseKeyFile } from './key-file.ts';
import { createMasterKey, seal, sealingKeyFromBytes } from './sealing.ts';
import { scryptSync } from 'node:crypto';

const origin = { created: '2026-01-01T00:00:00Z', username: 'user', hostname: 'host' };

it('reads what it writes, and opens it with its password alone', async () => {
  const key = createMasterKey();
  const { data } = await createKeyFile(key, 'the password', origin);
  const parsed = parseKeyFile(data.toString('utf8'));
  if (parsed === null) throw new Error('the key file is read');
  const opened = await openKeyFile(parsed, 'the password');
  expect(Buffer.from(opened?.encryption ?? []).equals(Buffer.from(key.encryption))).toBe(true);
  expect(await openKeyFile(parsed, 'another password')).toBeNull();
});

const salt = Buffer.alloc(64, 1).toString('base64');
const parse = (parameters: object) =>
  parseKeyFile(JSON.stringify({ ...origin, kdf: 'scrypt', N: 128, r: 1, p: 1, salt, data: '', ...parameters }));

it.each([
  ['that scrypt does not take: N is no power of two', { N: 928 }],
  ['that scrypt does not take: N is too large for r', { N: 65_536 }],
  ['that take more than a GiB of memory', { N: 2 ** 20, r: 16 }],
  ['that take minutes', { N: 32_768, r: 8, p: 512 }],
])('refuses parameters %s', (_, parameters) => {
  expect(parse(parameters)).toBeNull();
});

it.each([
  { N: 32_768, r: 8, p: 7 },
  { N: 131_072, r: 8, p: 1 },
  { N: 128, r: 1, p: 1 },
])('takes the parameters of other programs: %o', (parameters) => {
  expect(parse(parameters)).toMatchObject(parameters);
});

it('takes a content that is no key for a password that does not fit', async () => {
  const passwordKey = sealingKeyFromBytes(
    scryptSync('the password', Buffer.from(salt, 'base64'), 64, { N: 128, r: 1, p: 1 }),
  );
  for (const content of ['no JSON', '{"mac":{}}', '']) {
    const parsed = parse({ data: seal(passwordKey, Buffer.from(content)).toString('base64') });
    if (parsed === null) throw new Error('the key file is read');
    expect(await openKeyFile(parsed, 'the password')).toBeNull();
  }
});
