import { safeText } from '../format/safe-text.ts';
import { wrapText } from '../format/wrap-text.ts';
import type { Output } from '../output/output.ts';

/** Writes a record as `name  value` lines. Fields whose value is null are left out; values are made safe here. */
export function writeFields(output: Output, fields: readonly (readonly [string, string | null])[]): void {
  const known = fields.filter((field): field is readonly [string, string] => field[1] !== null);
  const longest = Math.max(...known.map(([name]) => name.length));
  for (const [name, value] of known) {
    const text = wrapText(safeText(value), output.width(), longest + 4);
    output.line(`  ${output.paint('weak', name.padEnd(longest))}  ${text}`);
  }
}
