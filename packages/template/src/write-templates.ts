import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mostTemplateBytes, templateTexts } from './template-files.ts';

const folder = resolve(import.meta.dirname, '../../../templates');
mkdirSync(folder, { recursive: true });
for (const [name, text] of templateTexts()) {
  writeFileSync(join(folder, name), text);
  const bytes = Buffer.byteLength(text);
  process.stdout.write(`templates/${name}: ${bytes} bytes, ${mostTemplateBytes - bytes} left\n`);
}
