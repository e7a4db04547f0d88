import { hash } from 'node:crypto';
import { parseKeyFile } from '../crypto/key-file.ts';
import { unseal } from '../crypto/sealing.ts';
import { isDamage } from '../damage.ts';
import { decodeConfig } from '../format/config.ts';
import { decodeIndexFile } from '../format/index-file.ts';
import { decodeSnapshot } from '../format/snapshot.ts';
import { decodeUnpacked } from '../format/unpacked.ts';
import { parsePackHeader } from '../pack/read-pack-header.ts';
import type { Repository } from '../repository.ts';
import type { HealedFile } from './heal-plan.ts';

/** A file by its kind and name. */
export type FileName = Pick<HealedFile, 'type' | 'name'>;

/**
 * Reads a file and makes sure that it is what its name says and that the repository's key opens it. Returns why not, as the
 * end of a sentence. Throws a STORAGE_ error.
 */
export async function readWholeFile(repository: Repository, { type, name }: FileName): Promise<Buffer | string> {
  let data: Buffer;
  try {
    data = await repository.storage.get(type, name);
  } catch (error) {
    if (isDamage(error)) return 'is missing';
    throw error;
  }
  if (type !== 'config' && hash('sha256', data, 'hex') !== name) return 'does not hold what its name says';
  return isReadable(repository, type, data) ? data : 'cannot be decrypted or decoded';
}

function isReadable(repository: Repository, type: FileName['type'], data: Buffer): boolean {
  const { key, version } = repository;
  if (type === 'keys') return parseKeyFile(data.toString('utf8')) !== null;
  if (type === 'data') return typeof parsePackHeader(key, data) !== 'string';
  const plaintext = unseal(key, data);
  if (plaintext === null) return false;
  if (type === 'config') return decodeConfig(plaintext)?.id === repository.id;
  const json = decodeUnpacked(plaintext, version);
  if (json === null) return false;
  return type === 'index' ? decodeIndexFile(json) !== null : decodeSnapshot(json) !== null;
}
