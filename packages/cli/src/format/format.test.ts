import { describe, expect, it } from 'vitest';
import { formatCount, formatCounted } from './count.ts';
import { formatDuration, formatRemaining } from './duration.ts';
import { formatFileMode } from './file-mode.ts';
import { safeLines, safeText } from './safe-text.ts';
import { shellWord } from './shell-word.ts';
import { formatRate, formatSize } from './size.ts';
import { formatAge, formatTime } from './time.ts';
import { wrapText } from './wrap-text.ts';

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [102_399, '100 KiB'],
    [1_048_575, '1.0 MiB'],
    [1.4 * 1024 ** 3, '1.4 GiB'],
    [1023.9 * 1024 ** 3, '1.0 TiB'],
    [5000 * 1024 ** 5, '5000 PiB'],
  ])('of %d bytes is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('in a second is a rate', () => {
    expect(formatRate(88 * 1024 * 1024)).toBe('88.0 MiB/s');
  });
});

describe('a duration', () => {
  it.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.6, '1 min'],
    [192, '3 min 12 s'],
    [3599.6, '1 h'],
    [7500, '2 h 5 min'],
    [86_399, '1 d'],
    [100 * 3600, '4 d 4 h'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('that remains is whole seconds', () => {
    expect(formatRemaining(0.2)).toBe('1 s');
    expect(formatRemaining(75)).toBe('1 min 15 s');
  });
});

it('a count has its thousands apart, and its noun agrees', () => {
  expect(formatCount(23_114)).toBe('23,114');
  expect([formatCounted(1, 'file'), formatCounted(0, 'file')]).toEqual(['1 file', '0 files']);
  expect(formatCounted(2, 'entry', 'entries')).toBe('2 entries');
});

it('a time is shown to the second in UTC, also one that restic wrote', () => {
  expect(formatTime('2026-11-22T23:12:05.678Z')).toBe('2026-11-22 23:12:05Z');
  expect(formatTime('2026-11-23T00:12:05.123456789+01:00')).toBe('2026-11-22 23:12:05Z');
  expect(formatTime(null)).toBe('-');
});

it('an age looks back and ahead', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(formatAge('2026-11-22T11:56:48Z', now)).toBe('3 min 12 s ago');
  expect(formatAge('2026-11-22T14:00:00Z', now)).toBe('in 2 h');
  expect(formatAge('2026-11-22T12:00:00.400Z', now)).toBe('now');
});

it('text from outside cannot steer a terminal', () => {
  expect(safeText('a\u001b[2Jb\nc\rd\u009be\u202ef')).toBe('a\\x1b[2Jb\\nc\\rd\\x9be\\u202ef');
  expect(safeText('größe 文件')).toBe('größe 文件');
  expect(safeLines('one\ntwo\u0007')).toBe('one\ntwo\\x07');
});

it('a mode of a snapshot looks as ls shows it', () => {
  expect(formatFileMode(0o644, 'file')).toBe('-rw-r--r--');
  expect(formatFileMode(0x80000000 | (1 << 20) | 0o777, 'dir')).toBe('drwxrwxrwt');
  expect(formatFileMode((1 << 23) | 0o755, 'file')).toBe('-rwsr-xr-x');
  expect(formatFileMode((1 << 22) | 0o640, 'file')).toBe('-rw-r-S---');
  expect(formatFileMode(0o777, 'symlink')).toBe('lrwxrwxrwx');
});

it('a word for the shell is quoted where it must be', () => {
  expect(shellWord('/srv/a-b_c.d')).toBe('/srv/a-b_c.d');
  expect(shellWord("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  expect(shellWord('')).toBe("''");
});

it('text is broken at spaces, and words stay whole', () => {
  expect(wrapText('one two three four', 14, 4)).toBe('one two\n    three four');
  expect(wrapText('/a/path/that/is/too/long now', 10, 2)).toBe('/a/path/that/is/too/long\n  now');
  expect(wrapText('one two three', null, 4)).toBe('one two three');
});
