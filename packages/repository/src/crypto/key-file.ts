import { createHash, randomBytes, scrypt } from 'node:crypto';
import * as z from 'zod';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { SealingKey } from './sealing.ts';

/**
 * Parameters of scrypt for new key files: 64 MiB and some 250 ms, which each command waits for once. One of the settings
 * that OWASP's Password Storage Cheat Sheet holds for equally strong; memory times work is 1.6 times that of N = 32768,
 * p = 5, which restic finds for itself on the same machine.
 */
const scryptParameters = { N: 65_536, r: 8, p: 2 } as const;
const saltSize = 64;
/** Bounds for key files that others wrote: at most 1 GiB of memory, so that a planted file cannot exhaust the machine. */
const maximumScryptMemory = 1024 ** 3;
/** And at most some 60 times the work of a new key file: about 15 seconds, so that it cannot hold up whoever opens a repository. */
const maximumScryptWork = 2 ** 26;

/** Who made a key file; programs may leave it out. */
const origin = z.string().catch('');

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

/** A key file: the master key, sealed with a key that scrypt derives from a password. Plain JSON in `keys/`. */
const keyFile = z.object({
  created: origin,
  username: origin,
  hostname: origin,
  kdf: z.literal('scrypt'),
  N: z
    .int()
    .min(2)
    .max(1 << 24),
  r: z
    .int()
    .min(1)
    .max(1 << 10),
  p: z
    .int()
    .min(1)
    .max(1 << 10),
  salt: base64.refine((salt) => salt.byteLength === saltSize, 'must have 64 bytes'),
  data: base64,
});
export type KeyFile = z.output<typeof keyFile>;

const masterKey = z.object({ mac: z.object({ k: base64, r: base64 }), encrypt: base64 });

/** Reads a key file. Returns null when it is not one that this version understands. */
export function parseKeyFile(text: string): KeyFile | null {
  const parsed = keyFile.safeParse(parseJson(text));
  return parsed.success && isFeasible(parsed.data) ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether scrypt takes these parameters (RFC 7914, section 2), within the bounds. */
function isFeasible({ N, r, p }: Pick<KeyFile, 'N' | 'r' | 'p'>): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(N));
  return isPowerOfTwo && N < 2 ** (16 * r) && 128 * N * r <= maximumScryptMemory && N * r * p <= maximumScryptWork;
}

/**
 * Opens a key file with a password: the derivation of the key, on a thread of its own, is under way when this returns its
 * promise, and what the key is used with is loaded meanwhile. Resolves to null when the password is not the one of this key
 * file.
 */
export async function openKeyFile(file: KeyFile, password: string): Promise<SealingKey | null> {
  const [derived, sealing] = await Promise.all([derive(password, file), import('./sealing.ts')]);
  const { isUsableKey, sealingKeyFromBytes, unseal } = sealing;
  const plain = unseal(sealingKeyFromBytes(derived), file.data);
  if (plain === null) return null;
  const parsed = masterKey.safeParse(parseJson(plain.toString('utf8')));
  if (!parsed.success) return null;
  const key = { encryption: parsed.data.encrypt, macK: parsed.data.mac.k, macR: parsed.data.mac.r };
  return isUsableKey(key) ? key : null;
}

/** Who made a key file and when, for a person who lists keys. */
export interface KeyOrigin {
  readonly created: string;
  readonly username: string;
  readonly hostname: string;
}

/** Seals `key` with a password. Returns the key file's bytes and its name, the SHA-256 of them. */
export async function createKeyFile(
  key: SealingKey,
  password: string,
  origin: KeyOrigin,
): Promise<{ readonly name: string; readonly data: Buffer }> {
  const salt = randomBytes(saltSize);
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const plain = JSON.stringify({ mac: { k: encode(key.macK), r: encode(key.macR) }, encrypt: encode(key.encryption) });
  const parameters = { ...scryptParameters, salt };
  const [derived, sealing] = await Promise.all([derive(password, parameters), import('./sealing.ts')]);
  const sealed = sealing.seal(sealing.sealingKeyFromBytes(derived), Buffer.from(plain));
  const data = Buffer.from(
    JSON.stringify({ ...origin, kdf: 'scrypt', ...scryptParameters, salt: encode(salt), data: encode(sealed) }),
  );
  return { name: createHash('sha256').update(data).digest('hex'), data };
}

function derive(password: string, { N, r, p, salt }: Pick<KeyFile, 'N' | 'r' | 'p' | 'salt'>): Promise<Buffer> {
  // Node's own bound of 32 MiB refuses the parameters that restic uses.
  const maxmem = 128 * r * (N + p + 2);
  return new Promise((resolve, reject) => {
    scrypt(Buffer.from(password, 'utf8'), salt, 64, { N, r, p, maxmem }, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(new PlatformError('INTERNAL', `a key could not be derived: ${error.message}`, { cause: error }));
    });
  });
}
