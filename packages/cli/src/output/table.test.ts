import { expect, it } from 'vitest';
import { drawTable, type TableContent } from './table.ts';
import type { Tone } from './tone.ts';

const content: TableContent = {
  columns: [{ title: 'backup' }, { title: 'size', align: 'right' }, { title: 'hold' }],
  rows: [
    ['backup-1', '9 B', ''],
    ['backup-22', { text: '1.4 GiB', tone: 'good' }, 'audit\nof 2026'],
  ],
};
const noColour = (_tone: Tone, text: string): string => text;

it('columns are aligned and control characters written out', () => {
  expect(drawTable(content, { width: null, paint: noColour })).toBe(
    ['backup        size  hold', 'backup-1       9 B', 'backup-22  1.4 GiB  audit\\nof 2026'].join('\n'),
  );
});

it('a terminal that is too narrow gets one block for each row, without what says nothing', () => {
  expect(drawTable(content, { width: 20, paint: noColour })).toBe(
    ['backup  backup-1', 'size    9 B', '', 'backup  backup-22', 'size    1.4 GiB', 'hold    audit\\nof 2026'].join(
      '\n',
    ),
  );
});

it('colour does not count as width', () => {
  const colour = (tone: Tone, text: string): string => (tone === 'plain' ? text : `\u001b[32m${text}\u001b[0m`);
  expect(drawTable(content, { width: 40, paint: colour })).toContain('\u001b[32m1.4 GiB\u001b[0m  audit');
});
