import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/** Marks the file as ours (`PRAGMA application_id`), and the form of its tables. Another form is built anew. */
const applicationId = 0x65_62_66_69;
const form = 2;
/** Another process that fills the same file holds it for a batch at a time. */
const busyMilliseconds = 30_000;
const pageCacheKiB = 64 * 1024;
/** SQLITE_CORRUPT, SQLITE_SCHEMA, SQLITE_NOTADB, SQLITE_MISMATCH; SQLITE_ERROR for a table that is missing. */
const damageCodes: readonly number[] = [11, 17, 26, 20, 1];

/**
 * Tables of the index. A tree is stored once, however many snapshots hold it, and its number is higher than those of the
 * folders in it. What stands in a tree is an entry, which all trees share that have it unchanged under the same name: a
 * folder in which one file changes is a new tree, but only that file is a new entry. `identity` is a digest of all that
 * makes an entry; `content` and `metadata` are digests that tell in what two of them differ. Times are milliseconds since
 * 1970.
 */
const tables = `
  CREATE TABLE snapshots (id TEXT PRIMARY KEY, time_ms INTEGER NOT NULL, time TEXT NOT NULL, tree INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE trees (tree INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
  CREATE TABLE names (name INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entries (
    entry INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, name INTEGER NOT NULL, type TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ms INTEGER NOT NULL, mode INTEGER NOT NULL, subtree INTEGER, content BLOB NOT NULL,
    metadata BLOB NOT NULL
  ) STRICT;
  CREATE TABLE members (
    tree INTEGER NOT NULL, name INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (tree, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_name ON entries (name);
  CREATE INDEX entries_by_size ON entries (size);
  CREATE INDEX entries_by_mtime ON entries (mtime_ms);
  CREATE INDEX entries_by_subtree ON entries (subtree) WHERE subtree IS NOT NULL;
  CREATE INDEX members_by_entry ON members (entry);
  CREATE INDEX snapshots_by_tree ON snapshots (tree);
`;

/**
 * Opens the cache file, and makes it when it is missing, is damaged or has another form. It holds names in the clear, so
 * only this user may read it. Throws FILE_NOT_WRITABLE.
 */
export function openCacheFile(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    try {
      return prepare(path);
    } catch (error) {
      if (!isCacheDamage(error)) throw error;
      removeCacheFile(path);
      closeSync(openSync(path, 'a', 0o600));
      return prepare(path);
    }
  } catch (error) {
    throw new PlatformError('FILE_NOT_WRITABLE', `the cache file ${path} cannot be used`, { cause: error });
  }
}

/** Removes the cache file; nothing is lost but the time to build it again. */
export function removeCacheFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Whether something thrown says that the cache file is damaged. */
export function isCacheDamage(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return false;
  // The extended codes of SQLite have the plain one in their lowest byte.
  return damageCodes.includes(thrown.errcode & 0xff);
}

function prepare(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${busyMilliseconds}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA cache_size = -${pageCacheKiB}`);
    if (!hasOurForm(database)) {
      database.exec('BEGIN IMMEDIATE');
      // Another process may have made the tables while this one waited.
      if (!hasOurForm(database)) {
        dropTables(database);
        database.exec(tables);
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${form}`);
      }
      database.exec('COMMIT');
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function hasOurForm(database: DatabaseSync): boolean {
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  return id === applicationId && version === form;
}

function dropTables(database: DatabaseSync): void {
  const found = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  for (const { name } of found) database.exec(`DROP TABLE "${String(name).replaceAll('"', '""')}"`);
}
