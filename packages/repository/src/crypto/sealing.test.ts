import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isUsableKey, seal, sealingOverhead, unseal } from './sealing.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

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

  it('opens and seals where koffi has no binary', () => {
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({
        resolve: (name, context, next) => {
          if (name === 'koffi') throw new Error('no binary of koffi for this platform');
          return next(name, context);
        },
      });
      const { seal, sealingKeyFromBytes, unseal } = await import('./sealing.ts');
      const [keyBytes, sealed] = process.argv.slice(1).map((text) => Buffer.from(text, 'hex'));
      const key = sealingKeyFromBytes(keyBytes);
      console.log(JSON.stringify([unseal(key, sealed).toString(), seal(key, Buffer.from('own')).toString('hex')]));`;
    const keyBytes = Buffer.concat([key.encryption, key.macK, key.macR]);
    const output = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', script, keyBytes.toString('hex'), sealed.toString('hex')],
      { cwd: import.meta.dirname, encoding: 'utf8' },
    );
    const [opened, own = ''] = JSON.parse(output) as string[];
    expect(opened).toBe(plaintext);
    expect(unseal(key, hex(own))?.toString()).toBe('own');
  });
});
