import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { mostTemplateBytes, templateDefinitions, templateTexts } from '../src/template-files.ts';
import { plainTemplates, visit } from './plain-template.ts';
import { readTemplateYaml } from '../src/summary/read-template-yaml.ts';

const folder = resolve(import.meta.dirname, '../../../templates');
const names = Object.keys(templateDefinitions);

it('wrote the committed files, and no other', () => {
  expect(globSync('*', { cwd: folder }).toSorted()).toEqual(names.toSorted());
  for (const [name, text] of templateTexts()) {
    const committed = readFileSync(join(folder, name), 'utf8');
    expect(committed === text, `${name} is not what the generator writes: run npm run templates`).toBe(true);
  }
});

it('leaves room to grow below the limit of --template-body', () => {
  const bytes = Buffer.byteLength(templateTexts().get('main.yaml') ?? '');
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(mostTemplateBytes);
});

it.each(names)('writes %s so that it reads back as the same template', (name) => {
  expect(readTemplateYaml(templateTexts().get(name) ?? '')).toEqual(plainTemplates[name]);
});

it.each(names)('holds no time and no account in %s', (name) => {
  const text = templateTexts().get(name) ?? '';
  expect(
    text.match(/\b20\d\d-\d\d-\d\d\b/g)?.filter((date) => !['2012-10-17', '2010-09-09'].includes(date)) ?? [],
  ).toEqual([]);
  expect(text).not.toMatch(/\b\d{12}\b/);
});

it.each(names)('keeps intrinsic functions of %s out of plain strings', (name) => {
  visit(plainTemplates[name], (value, path) => {
    const isSub = /\/Fn::Sub(?:\/0)?$/.test(path);
    if (typeof value === 'string' && !isSub) expect(value, path).not.toMatch(/\$\{(?!!)/);
  });
});

it('defines no name twice', () => {
  for (const [name, { areas, parameterGroups }] of Object.entries(templateDefinitions)) {
    const ids = [
      ...areas.flatMap(({ resources }) => Object.keys(resources)),
      ...parameterGroups.flatMap(({ parameters }) => Object.keys(parameters)),
    ];
    expect(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      name,
    ).toEqual([]);
  }
});

it('says a sentence about every parameter and output', () => {
  for (const [name, template] of Object.entries(plainTemplates)) {
    for (const [id, entry] of [...Object.entries(template.Parameters), ...Object.entries(template.Outputs ?? {})]) {
      expect(entry['Description' as keyof typeof entry], `${name} ${id}`).toMatch(/^.{3,}\.$|^.+: .+[.?]$|^.+\?$/);
    }
  }
});

it('needs nothing but what the documented parameters file gives', () => {
  const withoutDefault = Object.entries(plainTemplates['main.yaml']?.Parameters ?? {})
    .filter(([, parameter]) => !('Default' in parameter))
    .map(([name]) => name);
  expect(withoutDefault).toEqual([]);
});
