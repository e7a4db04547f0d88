import type { Clock } from '@enterprise-backup/contracts/clock';
import { toPlatformError } from '@enterprise-backup/contracts/errors';

/** Further facts of a log entry, as JSON. No secret may be among them. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a daemon writes what it does. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose entries carry `fields` as well. */
  with(fields: LogFields): Log;
}

/** What a log needs: the time of each entry, where a line goes (it ends with a line feed), and facts of every entry. */
export interface JsonLogSettings {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  readonly fields?: LogFields;
}

/**
 * A log of one JSON object a line: `timestamp` (RFC 3339 UTC), `level` (INFO, WARN, ERROR), `message`, then the fields.
 * These are the names that Lambda's own JSON logs use, so that one query reads both.
 */
export function jsonLog(settings: JsonLogSettings): Log {
  const entry =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = settings.clock.now().toISOString();
      settings.write(`${JSON.stringify({ timestamp, level, message, ...settings.fields, ...fields })}\n`);
    };
  return {
    info: entry('INFO'),
    warn: entry('WARN'),
    error: entry('ERROR'),
    with: (fields) => jsonLog({ ...settings, fields: { ...settings.fields, ...fields } }),
  };
}

/** An error as fields of a log entry. The stack is kept for errors that the platform did not raise itself. */
export function errorFields(thrown: unknown): LogFields {
  const error = toPlatformError(thrown);
  const stack = error.code === 'INTERNAL' && thrown instanceof Error ? thrown.stack : undefined;
  return { error: { code: error.code, message: error.message, ...(stack === undefined ? {} : { stack }) } };
}
