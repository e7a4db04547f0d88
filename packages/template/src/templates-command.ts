import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readBase } from './summary/read-base.ts';
import { summaryText } from './summary/summary-text.ts';
import { mostTemplateBytes, templateTexts } from './template-files.ts';

const root = resolve(import.meta.dirname, '../../..');

const writeTemplates = (texts: ReadonlyMap<string, string>): string[] => {
  const folder = join(root, 'templates');
  mkdirSync(folder, { recursive: true });
  return [...texts].map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    const bytes = Buffer.byteLength(text);
    return `templates/${name}: ${bytes} bytes, ${mostTemplateBytes - bytes} left\n`;
  });
};

const summarise = (commit: string, texts: ReadonlyMap<string, string>): string => {
  const base = readBase(root, commit);
  const names = [...new Set([...texts.keys(), ...base.keys()])];
  return summaryText(names.map((name) => ({ name, before: base.get(name) ?? null, after: texts.get(name) ?? null })));
};

const { values } = parseArgs({ options: { summary: { type: 'string' } } });
const texts = templateTexts();
process.stdout.write(values.summary === undefined ? writeTemplates(texts).join('') : summarise(values.summary, texts));
