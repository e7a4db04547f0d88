/**
 * Breaks text at spaces so that it fits in `width` columns when its first line stands behind `indent` columns; the lines
 * that follow are indented as far. A word that is longer than a line is not broken. Null as width breaks nothing.
 */
export function wrapText(text: string, width: number | null, indent: number): string {
  if (width === null) return text;
  const room = Math.max(1, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
