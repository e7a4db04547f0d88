import type { Table } from './rows.ts';

/** A table for a terminal or for Markdown: its title, and columns that are as wide as their widest cell. */
export function tableText({ title, header, rows }: Table): string {
  const widths = header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${title}\n\n${[line(header), rule, ...rows.map(line)].join('\n')}\n`;
}
