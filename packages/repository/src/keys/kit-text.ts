import type { EmergencyKit } from './emergency-kit.ts';
import { kitSections } from './kit-sections.ts';

/** A kit as plain text. Lines to be typed are indented by four blanks. */
export function kitAsText(kit: EmergencyKit): string {
  const sections = kitSections(kit).map(({ title, paragraphs, lines }) =>
    [title, '-'.repeat(title.length), ...paragraphs, ...lines.map((line) => `    ${line}`)].join('\n'),
  );
  return `Emergency kit for a backup repository\n${'='.repeat(37)}\n\n${sections.join('\n\n')}\n`;
}
