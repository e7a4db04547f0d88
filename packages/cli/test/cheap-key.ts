import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The password of `plantCheapKey`. */
export const cheapPassword = 'correct horse';

/** A key file for tests: scrypt costs next to nothing with these parameters. */
const keyFile = JSON.stringify({
  created: '2026-01-01T00:00:00Z',
  username: 'test',
  hostname: 'test',
  kdf: 'scrypt',
  N: 128,
  r: 1,
  p: 1,
  salt: '6cUpt9+KSgFOVte5h3ElE4FcTK4spygB/6ua5DOGTKQbede9dC19hig2Uio2Ro2y274+Mmj0XW2F8M9MVf8duA==',
  data: 'KhGFvj3KKkehxkaLA76Zh4ioNb/r6JpFj0YbEjtlPqzXDXzQXNSc4QbUicKeasN0pnk/1bJCA4qwyoJcCBLWOeJ/eNfUyyP2xtH6orzyvL/8tK2RgjA1Hvsa6LmbUNVA5kc8aDISbNWlHZJCVlh7GgFdsCFuRga92SZEcKrg9eswyhnM8XKGSnVOI2ZFM408I3rvT7Ss2+qD/L3K1tkpIg==',
});

/** Puts a key into a folder; `init` then makes the repository with it, as after an attempt that was killed. */
export function plantCheapKey(repository: string): void {
  mkdirSync(join(repository, 'keys'), { recursive: true });
  writeFileSync(join(repository, 'keys', createHash('sha256').update(keyFile).digest('hex')), keyFile);
}
