import { expect, test } from 'vitest';
import type { ReadFile, UnreadFile } from './file-messages.ts';
import { decodeOutcomes, encodeOutcomes } from './read-outcomes.ts';

const plain: ReadFile = {
  kind: 'read',
  node: '{"name":"a\\nb"}',
  size: 2 ** 33,
  changedWhileRead: false,
  attributeFault: null,
};
const changed: ReadFile = { ...plain, node: '{"name":"c"}', size: 0, changedWhileRead: true };
const withoutAttributes: ReadFile = { ...plain, node: '{"name":"д"}', attributeFault: 'EACCES' };
const unread: UnreadFile = { kind: 'unread', code: 'FILE_VANISHED', message: 'it is gone' };

test.each([
  ['no file', []],
  ['one file', [plain]],
  ['files without a fault', [plain, { ...plain, node: '{}', size: 0 }, plain]],
  ['a file that was not read', [unread]],
  ['files of all kinds', [unread, plain, changed, withoutAttributes, plain, unread]],
])('what came of %s comes back as it was', (_, outcomes) => {
  expect(decodeOutcomes(structuredClone(encodeOutcomes(outcomes)))).toEqual(outcomes);
});
