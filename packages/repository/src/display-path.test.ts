import { check, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { displayPath } from './display-path.ts';
import { unquote } from './format/go-text.ts';

it.each([
  ['plain/päth 😀', 'plain/päth 😀'],
  ['new\nline\ttab\u007f', 'new\\nline\\ttab\\x7f'],
  ['back\\slash', 'back\\\\slash'],
  ['"quoted"', '"quoted"'],
])('shows %j on one line', (path, shown) => {
  expect(displayPath(Buffer.from(path))).toBe(shown);
});

it('shows bytes that are not UTF-8, alone and inside text', () => {
  expect(displayPath(Buffer.from([0x61, 0xff, 0xe2, 0x82, 0x62]))).toBe('a\\xff\\xe2\\x82b');
  expect(displayPath(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\\xed\\xa0\\x80');
});

it('loses nothing: the bytes can be told from what is shown', () => {
  // A quotation mark alone needs no escape on a line; where bytes are read back it does.
  const bytesOf = (shown: string): Buffer | null =>
    unquote(shown.replaceAll(/\\\\|"/g, (part) => (part === '"' ? '\\"' : part)));
  const details = check(
    property(uint8Array(), (bytes) => bytesOf(displayPath(Buffer.from(bytes)))?.equals(bytes) === true),
  );
  expect(details.failed, `seed ${details.seed}, counterexample ${String(details.counterexample)}`).toBe(false);
});
