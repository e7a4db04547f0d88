import { mostTemplateBytes } from '../template-files.ts';
import { compareResources } from './compare-resources.ts';
import { monthlyCost } from './monthly-cost.ts';
import { prices } from './prices.ts';
import { readTemplate, type ReadTemplate } from './read-template.ts';
import { holdsByDefault } from './resolve-defaults.ts';
import { widenedStatements } from './widened-statements.ts';

/** A template file in two states; null where it is not there. */
export interface FileChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a reviewer of a pull request wants to know of changed templates, as Markdown. */
export const summaryText = (files: readonly FileChange[]): string =>
  [
    ...files.flatMap(fileLines),
    '## Bytes',
    ...files.flatMap(({ name, after }) =>
      after === null ? [] : [`- ${name}: ${mostTemplateBytes - Buffer.byteLength(after)} of ${mostTemplateBytes} left`],
    ),
    '',
    `## Cost a month (us-east-1, prices of ${prices.date}, defaults, without what depends on use)`,
    ...costLines(files),
    '',
  ].join('\n');

const fileLines = ({ name, before, after }: FileChange): string[] => {
  const base = readTemplate(before);
  const now = readTemplate(after);
  const { added, removed, changed } = compareResources(base, now);
  const replaced = changed.filter(({ replacement }) => replacement !== 'no');
  const widened = widenedStatements(base, now);
  const shown = changed.map(({ id, type, properties }) => `${id} (${type}): ${properties.join(', ')}`);
  const lines = [
    ...section('Added', added),
    ...section('Removed', removed),
    ...section('Changed', shown),
    ...section(
      'Replaced by an update',
      replaced.map(({ id, replacement }) => `${id}${replacement === 'maybe' ? ' (it depends on the value)' : ''}`),
    ),
    ...section('Allowed now and not before', widened),
  ];
  return [`## ${name}`, ...(lines.length === 0 ? ['No resource changes.'] : lines), ''];
};

const section = (title: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `- ${item}`)];

const costLines = (files: readonly FileChange[]): string[] => {
  const totals = (side: 'before' | 'after'): Map<string, number> => {
    const sums = new Map<string, number>();
    const main = readTemplate(files.find(({ name }) => name === 'main.yaml')?.[side] ?? null);
    for (const file of files) {
      if (!isStartedByDefault(file.name, main)) continue;
      for (const [type, cost] of monthlyCost(readTemplate(file[side]))) sums.set(type, (sums.get(type) ?? 0) + cost);
    }
    return sums;
  };
  const before = totals('before');
  const after = totals('after');
  const sum = (costs: Map<string, number>): number => [...costs.values()].reduce((total, cost) => total + cost, 0);
  const line = (what: string, one: number, other: number): string =>
    `- ${what}: ${one.toFixed(2)} → ${other.toFixed(2)} USD`;
  return [
    ...[...new Set([...before.keys(), ...after.keys()])]
      .toSorted()
      .map((type) => line(type, before.get(type) ?? 0, after.get(type) ?? 0)),
    line('together', sum(before), sum(after)),
  ];
};

/** Whether main.yaml starts a template of its own file while every parameter has its default. */
const isStartedByDefault = (file: string, main: ReadTemplate): boolean =>
  Object.values(main.Resources)
    .filter(({ Properties }) => JSON.stringify(Properties?.['TemplateURL'] ?? '').includes(`/${file}`))
    .every(({ Condition }) => Condition === undefined || holdsByDefault(Condition, main));
