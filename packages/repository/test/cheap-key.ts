import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { createMasterKey, seal, sealingKeyFromBytes } from '../src/crypto/sealing.ts';
import { initRepository, type Repository } from '../src/repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';

export const password = 'a password for tests';

const cheap = { N: 128, r: 1, p: 1 };

/**
 * A new repository in a folder whose key costs next to nothing to open, here and for restic, for tests that are not about
 * keys. restic's own fixtures have such keys.
 */
export async function newCheapRepository(folder: string): Promise<Repository> {
  const storage = openStorage(join(folder, 'repository'));
  const file = cheapKeyFile();
  // A repository that is made where a key lies already takes that key.
  await storage.put('keys', createHash('sha256').update(file).digest('hex'), file);
  return initRepository(storage, password, systemClock);
}

function cheapKeyFile(): Buffer {
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const key = createMasterKey();
  const master = { mac: { k: encode(key.macK), r: encode(key.macR) }, encrypt: encode(key.encryption) };
  const salt = randomBytes(64);
  const passwordKey = sealingKeyFromBytes(scryptSync(password, salt, 64, cheap));
  const data = encode(seal(passwordKey, Buffer.from(JSON.stringify(master))));
  const origin = { created: '2026-01-01T00:00:00Z', username: 'test', hostname: 'test' };
  return Buffer.from(JSON.stringify({ ...origin, kdf: 'scrypt', ...cheap, salt: encode(salt), data }));
}
