import knex, { type Knex } from 'knex';
import type { Catalog, CatalogEngine } from './catalog.ts';
import { castMysqlValue, MysqlClient } from './engine/mysql-client.ts';
import { SqliteClient } from './engine/sqlite-client.ts';

/** A catalog in one SQLite file, which several processes of one machine may share. It is made when it is missing. */
export interface SqliteCatalogSettings {
  readonly engine: 'sqlite';
  /** Absolute path of the file; its folder must exist and allow the two files that SQLite puts beside it. */
  readonly file: string;
}

/** A catalog in a database of a MySQL (8.4) or MariaDB (10.6 or newer) server. The database must exist. */
export interface MysqlCatalogSettings {
  readonly engine: 'mysql';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /**
   * `off` for a server on a trusted network; `rds` checks that one of Amazon's authorities for RDS signed the server's
   * certificate; `ca` checks that one of the given authorities (PEM) did, and that the certificate is for `host` when
   * that is a name.
   */
  readonly tls: 'off' | 'rds' | { readonly ca: string };
}

export type CatalogSettings = SqliteCatalogSettings | MysqlCatalogSettings;

const MYSQL_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;
const ACQUIRE_TIMEOUT_MS = 30_000;

/** Knex would print warnings about what it also throws. */
const silent = { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined };

const common = { log: silent, acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS, compileSqlOnError: false };

const sqliteConfig = (settings: SqliteCatalogSettings): Knex.Config => ({
  ...common,
  client: SqliteClient,
  connection: { filename: settings.file },
  // A column that only some rows of one insert name is an error here, where null would be wrong.
  useNullAsDefault: false,
  pool: { min: 0, max: 1, idleTimeoutMillis: 2 ** 31 - 1 },
});

const tlsOptions = (tls: MysqlCatalogSettings['tls']): object => {
  if (tls === 'off') return {};
  return { ssl: tls === 'rds' ? 'Amazon RDS' : { ca: tls.ca, verifyIdentity: true, minVersion: 'TLSv1.2' } };
};

const mysqlConfig = (settings: MysqlCatalogSettings): Knex.Config => ({
  ...common,
  client: MysqlClient,
  connection: {
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.database,
    ...tlsOptions(settings.tls),
    charset: 'utf8mb4',
    timezone: 'Z',
    decimalNumbers: true,
    typeCast: castMysqlValue,
    connectTimeout: CONNECT_TIMEOUT_MS,
  },
  pool: { min: 0, max: MYSQL_CONNECTIONS },
});

const open = async (engine: CatalogEngine, config: Knex.Config): Promise<Catalog> => {
  const database = knex(config);
  let closed: Promise<void> | undefined;
  const catalog: Catalog = { engine, knex: database, close: () => (closed ??= database.destroy()) };
  try {
    await database.raw('SELECT 1');
    return catalog;
  } catch (error) {
    await catalog.close();
    throw error;
  }
};

/**
 * Opens the catalog and proves that it answers. Connections that are lost later are replaced by themselves.
 *
 * @throws PlatformError CATALOG_UNAVAILABLE when the server or file cannot be reached or refuses; no message holds the
 * password.
 */
export const connectCatalog = (settings: CatalogSettings): Promise<Catalog> =>
  settings.engine === 'sqlite' ? open('sqlite', sqliteConfig(settings)) : open('mysql', mysqlConfig(settings));
