import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { seal, sealingKeyFromBytes } from '../src/crypto/sealing.ts';
import { openRepository, type Repository } from '../src/repository.ts';
import { newRepository, password } from './crafted-repository.ts';

const cheap = { N: 128, r: 1, p: 1 };

/**
 * A new repository in a folder whose key costs next to nothing to open, here and for restic, for tests that open it many
 * times. restic's own fixtures have such keys.
 */
export async function newCheapRepository(folder: string): Promise<Repository> {
  const repository = await newRepository(folder);
  const { key, storage } = repository;
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const salt = randomBytes(64);
  const master = { mac: { k: encode(key.macK), r: encode(key.macR) }, encrypt: encode(key.encryption) };
  const passwordKey = sealingKeyFromBytes(scryptSync(password, salt, 64, cheap));
  const data = encode(seal(passwordKey, Buffer.from(JSON.stringify(master))));
  const origin = { created: '2026-01-01T00:00:00Z', username: 'test', hostname: 'test' };
  const file = Buffer.from(JSON.stringify({ ...origin, kdf: 'scrypt', ...cheap, salt: encode(salt), data }));
  const [expensive = ''] = await repository.listNames('keys');
  await storage.put('keys', createHash('sha256').update(file).digest('hex'), file);
  await storage.delete('keys', expensive);
  return openRepository(storage, password, systemClock);
}
