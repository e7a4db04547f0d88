import { quote } from './format/go-text.ts';

/**
 * A path as a person can read and copy it on one line: valid text as it is, anything else escaped as restic shows it
 * (`\n`, `\xff`, `\\`). Different paths have different displays.
 */
export function displayPath(path: Buffer): string {
  return quote(path).replaceAll('\\"', '"');
}
