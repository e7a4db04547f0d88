import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Codes with which the network, the drivers and the servers say that no statement can run at the moment. */
const unavailableCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_HOST_IS_BLOCKED',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_SERVER_SHUTDOWN',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'HANDSHAKE_NO_SSL_SUPPORT',
  'HANDSHAKE_SSL_ERROR',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);

/** SQLite's primary result codes (sqlite.org/rescode.html) of a file that cannot be used: the low byte of any code. */
const unavailableSqliteCodes: ReadonlySet<number> = new Set([
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

const property = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

/** SQLite's extended result code of an error, undefined for an error of another kind. */
export const sqliteCode = (error: unknown): number | undefined => {
  const code = property(error, 'errcode');
  return typeof code === 'number' ? code : undefined;
};

/** MySQL's number of an error, undefined for an error of another kind. */
export const mysqlNumber = (error: unknown): number | undefined => {
  const number = property(error, 'errno');
  return typeof number === 'number' && number > 0 ? number : undefined;
};

/** ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK. */
const mysqlContention: ReadonlySet<number> = new Set([1205, 1213]);

/** SQLITE_BUSY and SQLITE_LOCKED. */
const sqliteContention: ReadonlySet<number> = new Set([5, 6]);

/** Whether `error` says that other transactions stood in the way, so that the same work may succeed when repeated. */
export const isContention = (error: unknown): boolean => {
  const code = sqliteCode(error);
  if (code !== undefined) return sqliteContention.has(code & 0xff);
  return mysqlContention.has(mysqlNumber(error) ?? 0);
};

/** Why `error` means that the catalog cannot be used now, in the engine's own short words; undefined when it does not. */
const unavailableReason = (error: unknown): string | undefined => {
  const sqlite = sqliteCode(error);
  if (sqlite !== undefined) {
    return unavailableSqliteCodes.has(sqlite & 0xff) ? String(property(error, 'errstr')) : undefined;
  }
  const code = property(error, 'code');
  if (typeof code === 'string' && unavailableCodes.has(code)) return code;
  // mysql2 marks so what leaves a connection without use, also where it gives no code.
  if (property(error, 'fatal') === true) return typeof code === 'string' ? code : 'the connection is closed';
  return property(error, 'name') === 'KnexTimeoutError' ? 'no free connection' : undefined;
};

/**
 * CATALOG_UNAVAILABLE for an error that says so, any other error as it is. `place` names the catalog for a person and
 * holds no secret; nothing of the error itself but its code gets into the sentence. Contention is left as it is inside a
 * transaction, which is repeated, and counts as unavailable outside of one.
 */
export const toCatalogError = (error: unknown, place: string, inTransaction: boolean): unknown => {
  if (error instanceof PlatformError) return error;
  const reason = !inTransaction && isContention(error) ? 'other work keeps it locked' : unavailableReason(error);
  return reason === undefined
    ? error
    : new PlatformError('CATALOG_UNAVAILABLE', `the catalog ${place} cannot be used: ${reason}`, { cause: error });
};
