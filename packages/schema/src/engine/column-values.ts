/** Columns that hold JSON, in every table that has a column of that name. Read as the parsed value. */
export const jsonColumns: ReadonlySet<string> = new Set([
  'error',
  'evidence',
  'include_patterns',
  'progress',
  'result',
  'settings',
  'specification',
  'verification',
]);

/** Columns that hold a boolean, in every table that has a column of that name. Both engines store 0 and 1. */
export const booleanColumns: ReadonlySet<string> = new Set(['cancel_requested', 'dry_run', 'enabled']);

/** The text of `time` in a SQLite catalog: RFC 3339 in UTC with milliseconds, which sorts as time does. */
export const sqliteTime = (time: Date): string => time.toISOString();

/** The text of `time` for a MySQL DATETIME(3) column that holds UTC. */
export const mysqlTime = (time: Date): string => time.toISOString().slice(0, 23).replace('T', ' ');

/** RFC 3339 of a DATETIME as MySQL prints it, with any number of fractional digits. */
export const timeFromMysql = (text: string): string => {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole.replace(' ', 'T')}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
};

/** What the driver is given for a value of a statement. Anything that is not a scalar, a time or bytes becomes JSON. */
export const toBinding = (value: unknown, timeText: (time: Date) => string): unknown => {
  if (value instanceof Date) return timeText(value);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return JSON.stringify(value);
  return value;
};

/** A row as statements see it, from a row as the driver gives it. */
const fromDriverRow = (row: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => {
      if (jsonColumns.has(name) && typeof value === 'string') return [name, JSON.parse(value)];
      if (booleanColumns.has(name) && typeof value === 'number') return [name, value !== 0];
      return [name, value];
    }),
  );

/** The result of a query, one row or many, with every row converted; what is no row stays as it is. */
export const fromDriverResult = (result: unknown): unknown => {
  if (Array.isArray(result)) return result.map(fromDriverResult);
  if (typeof result !== 'object' || result === null || result instanceof Uint8Array) return result;
  return fromDriverRow(result);
};
