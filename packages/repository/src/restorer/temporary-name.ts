import { hash } from 'node:crypto';

const pattern = /^\.restore-[0-9a-f]{24}\.part$/;

/**
 * Name under which a file is written before it gets its own, in the same folder. It follows from the operation and the
 * name, so that all threads and a later attempt use the same one; its length does not depend on the name's.
 */
export function temporaryName(operation: string, name: Uint8Array): Buffer {
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${operation}\0`), name]), 'hex');
  return Buffer.from(`.restore-${digest.slice(0, 24)}.part`);
}

/** Tells whether a name is one that a restore writes under before the end. */
export function isTemporaryName(name: Buffer): boolean {
  return pattern.test(name.toString('latin1'));
}
