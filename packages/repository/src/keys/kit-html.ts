import type { EmergencyKit } from './emergency-kit.ts';
import { kitSections } from './kit-sections.ts';

/** One sheet of A4 or Letter: small type, long lines broken anywhere, nothing loaded from elsewhere. */
const style = `
  @page { margin: 14mm }
  body { font: 9.5pt/1.35 sans-serif; max-width: 180mm; margin: 0 auto; color: #000; background: #fff }
  h1 { font-size: 14pt; margin: 0 0 3mm }
  h2 { font-size: 10.5pt; margin: 3.5mm 0 1mm }
  p { margin: 0 0 1mm }
  pre { font: 7.5pt/1.35 monospace; margin: 1mm 0; padding: 1.5mm; border: 0.2mm solid #999; white-space: pre-wrap; overflow-wrap: anywhere }
`;

/** A kit as one HTML page that holds everything in itself, to be printed. */
export function kitAsHtml(kit: EmergencyKit): string {
  const sections = kitSections(kit).map(({ title, paragraphs, lines }) => {
    const text = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('\n');
    const block = lines.length === 0 ? '' : `\n<pre>${escapeHtml(lines.join('\n'))}</pre>`;
    return `<h2>${escapeHtml(title)}</h2>\n${text}${block}`;
  });
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<title>Emergency kit for a backup repository</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<h1>Emergency kit for a backup repository</h1>',
    ...sections,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}
