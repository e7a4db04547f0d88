import type { ColumnDescription, TableDescription } from './schema-description.ts';

/** What a column means, in words that both engines' descriptions can be brought to. */
const meaningOfType = (type: string): string => {
  const mysql: readonly [RegExp, string][] = [
    [/^(?:longtext .*json_valid|json)$/, 'json'],
    [/^bigint(?:\(\d+\))?$/, 'integer'],
    [/^int(?:\(\d+\))?$/, 'integer'],
    [/^tinyint\(1\)$/, 'boolean'],
    [/^datetime\(3\)$/, 'time'],
    [/^(?:var)?char\((\d+)\) utf8mb4_bin$/, 'text $1'],
    [/^enum\((.*)\) utf8mb4_bin$/, 'choice $1'],
  ];
  const sqlite: readonly [RegExp, string][] = [
    [/^text check \(json_valid\(\w+\)\)$/, 'json'],
    [/^integer$/, 'integer'],
    [/^integer check \(\w+ in \(0, 1\)\)$/, 'boolean'],
    [/^text check \(\w+ glob '\?\?\?\?-\?\?-\?\?T\?\?:\?\?:\?\?\.\?\?\?Z'\)$/, 'time'],
    [/^text check \(length\(\w+\) <= (\d+)\)$/, 'text $1'],
    [/^text check \(\w+ in \((.*)\)\)$/, 'choice $1'],
  ];
  for (const [pattern, meaning] of [...mysql, ...sqlite]) {
    if (pattern.test(type)) return type.replace(pattern, meaning).replaceAll(', ', ',');
  }
  return `unknown: ${type}`;
};

const meaningOfDefault = (text: string | null): string | null => {
  if (text === null) return null;
  return /^(?:current_timestamp\(3\)|strftime\('%Y-%m-%dT%H:%M:%fZ', 'now'\))$/.test(text)
    ? 'now'
    : text.replace(/^'(.*)'$/, '$1');
};

const normalColumn = (column: ColumnDescription): ColumnDescription => ({
  ...column,
  type: meaningOfType(column.type),
  default: meaningOfDefault(column.default),
});

/** The schema in words that are the same on both engines when the tables mean the same. */
export const normalSchema = (tables: readonly TableDescription[]): TableDescription[] =>
  tables.map((table) => ({
    ...table,
    columns: table.columns.map(normalColumn),
    foreignKeys: table.foreignKeys.map((key) => ({
      ...key,
      // Both words forbid the removal of a row that is named; the engines differ in which one they use for no word.
      onDelete: key.onDelete === 'no action' ? 'restrict' : key.onDelete,
    })),
  }));
