import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJsonBytes, encodeName, quote, unquote } from './go-text.ts';

describe('names', () => {
  it.each([
    ['plain name.txt', '"plain name.txt"'],
    ['quo"te\\back', '"quo\\\\\\"te\\\\\\\\back"'],
    ['tab\there', '"tab\\\\there"'],
    ['bell\u0007', '"bell\\\\a"'],
    ['escape\u001b', '"escape\\\\x1b"'],
    ['delete\u007f', '"delete\\\\x7f"'],
    ['no-break\u00a0space', '"no-break\\\\u00a0space"'],
    ['zero\u200bwidth', '"zero\\\\u200bwidth"'],
    ['line\u2028', '"line\\\\u2028"'],
    ['ümlaut ✓ 🚀', '"ümlaut ✓ 🚀"'],
    ['tag\u{e0001}', '"tag\\\\U000e0001"'],
    ['a&b<c>', '"a\\u0026b\\u003cc\\u003e"'],
    ["it's `fine`", '"it\'s `fine`"'],
  ])('writes %j as Go does', (name, json) => {
    expect(encodeName(Buffer.from(name))).toBe(json);
  });

  it('writes bytes that are not UTF-8 as Go does', () => {
    expect(encodeName(Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe]))).toBe('"bad\\\\xff\\\\xfe"');
    // An overlong form, a surrogate and a character cut short are single bytes to Go.
    expect(quote(Buffer.from([0xc0, 0xaf]))).toBe('\\xc0\\xaf');
    expect(quote(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\\xed\\xa0\\x80');
    expect(quote(Buffer.from([0xe2, 0x9c]))).toBe('\\xe2\\x9c');
  });

  it('reads back every name it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const name = Buffer.from(bytes);
        expect(unquote(JSON.parse(encodeName(name)) as string)).toEqual(name);
      }),
    );
  });

  it('reads the other escapes that Go knows', () => {
    expect(unquote('\\101\\x42\\u0043\\U00000044')?.toString()).toBe('ABCD');
  });

  it.each(['a"b', 'a\nb', "\\'", '\\q', '\\x4', '\\ud800', '\\U00110000', 'end\\'])(
    'refuses %j, as Go does',
    (quoted) => {
      expect(unquote(quoted)).toBeNull();
    },
  );
});

describe('texts', () => {
  it('writes a byte that is not UTF-8 as an escaped replacement character, and a real one as it is', () => {
    expect(encodeJsonBytes(Buffer.from([0x61, 0xff]))).toBe('"a\\ufffd"');
    expect(encodeJsonBytes(Buffer.from('a\ufffd'))).toBe('"a\ufffd"');
  });
});
