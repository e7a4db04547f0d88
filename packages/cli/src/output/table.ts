import Table from 'cli-table3';
import { stripVTControlCharacters } from 'node:util';
import { safeText } from '../format/safe-text.ts';
import type { Tone } from './tone.ts';

/** A cell: its text, and what it means. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

export interface TableContent {
  readonly columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** How a table is drawn. `width` is the columns of the terminal, or null where lines may be of any length. */
export interface TableStyle {
  readonly width: number | null;
  readonly paint: (tone: Tone, text: string) => string;
}

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** A table with aligned columns; on a terminal that is too narrow for it, one block of `title  value` lines for each row. */
export function drawTable(content: TableContent, style: TableStyle): string {
  const table = new Table({
    chars: noLines,
    head: content.columns.map(({ title }) => style.paint('weak', title)),
    colAligns: content.columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of content.rows) table.push(row.map((cell) => paintCell(cell, style)));
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const { width } = style;
  const fits = width === null || lines.every((line) => stripVTControlCharacters(line).length <= width);
  return fits ? lines.join('\n') : drawBlocks(content, style);
}

/** Cells that say nothing are left out. */
function drawBlocks(content: TableContent, style: TableStyle): string {
  const { columns, rows } = content;
  const longest = Math.max(...columns.map(({ title }) => title.length));
  const block = (row: readonly Cell[]): string =>
    columns
      .map(({ title }, index) => ({ title, cell: row[index] ?? '' }))
      .filter(({ cell }) => cell !== '' && cell !== '-')
      .map(({ title, cell }) => `${style.paint('weak', title.padEnd(longest))}  ${paintCell(cell, style)}`)
      .join('\n');
  return rows.map(block).join('\n\n');
}

function paintCell(cell: Cell, style: TableStyle): string {
  return typeof cell === 'string' ? safeText(cell) : style.paint(cell.tone, safeText(cell.text));
}
