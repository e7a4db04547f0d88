import { describe, expect, it } from 'vitest';
import { isId } from './blob.ts';

describe('ids', () => {
  it('takes 64 lower-case hex digits and nothing else', () => {
    const digits = '0123456789abcdef'.repeat(4);
    expect(isId(digits)).toBe(true);
    for (let code = 0; code < 0x200; code += 1) {
      const character = String.fromCharCode(code);
      for (const at of [0, 31, 63]) {
        const changed = digits.slice(0, at) + character + digits.slice(at + 1);
        expect(isId(changed)).toBe(/^[0-9a-f]$/.test(character));
      }
    }
  });

  it.each(['', '0'.repeat(63), '0'.repeat(65), `${'0'.repeat(64)}\n`, null, 64, ['0'.repeat(64)]])(
    'refuses %j',
    (value) => {
      expect(isId(value)).toBe(false);
    },
  );
});
