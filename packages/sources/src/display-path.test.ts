import { check, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { displayPath } from './display-path.ts';

it.each([
  ['plain/päth 😀', 'plain/päth 😀'],
  ['new\nline\ttab\u007f', 'new\\x0aline\\x09tab\\x7f'],
  ['back\\slash', 'back\\x5cslash'],
])('shows %j on one line', (path, shown) => {
  expect(displayPath(Buffer.from(path))).toBe(shown);
});

it('shows bytes that are not UTF-8, alone and inside text', () => {
  expect(displayPath(Buffer.from([0x61, 0xff, 0xe2, 0x82, 0x62]))).toBe('a\\xff\\xe2\\x82b');
  expect(displayPath(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\\xed\\xa0\\x80');
});

it('loses nothing: the bytes can be told from what is shown', () => {
  const bytesOf = (shown: string): Buffer =>
    Buffer.concat(
      shown
        .split(/(\\x[0-9a-f]{2})/)
        .map((part) => (part.startsWith('\\x') ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part))),
    );
  const details = check(property(uint8Array(), (bytes) => bytesOf(displayPath(Buffer.from(bytes))).equals(bytes)));
  expect(details.failed, `seed ${details.seed}, counterexample ${String(details.counterexample)}`).toBe(false);
});
