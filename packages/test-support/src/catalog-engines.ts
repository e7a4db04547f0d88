import { join } from 'node:path';
import { type MariadbConnectionSettings, startMariadbServer } from './mariadb-server.ts';
import { hasTool } from './system-tool.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Settings of a catalog, as the schema package takes them. */
export type CatalogEngineSettings =
  | { readonly engine: 'sqlite'; readonly file: string }
  | ({ readonly engine: 'mysql'; readonly tls: 'off'; readonly database: string } & MariadbConnectionSettings);

/** An engine that is up for a suite. */
export interface RunningCatalogEngine {
  /** Settings of a catalog that has no table yet. */
  emptyCatalog(): Promise<CatalogEngineSettings>;
  stop(): Promise<void>;
}

/** An engine that suites run on, where the machine has it. */
export interface CatalogEngineUnderTest {
  readonly name: 'SQLite' | 'MariaDB';
  readonly available: boolean;
  start(): Promise<RunningCatalogEngine>;
}

const startSqlite = (): Promise<RunningCatalogEngine> => {
  const directory = temporaryDirectory('catalog');
  let count = 0;
  return Promise.resolve({
    emptyCatalog: () => {
      count += 1;
      return Promise.resolve({ engine: 'sqlite', file: join(directory.path, `catalog-${count}.sqlite`) });
    },
    stop: () => {
      directory.remove();
      return Promise.resolve();
    },
  });
};

const startMariadb = async (): Promise<RunningCatalogEngine> => {
  const server = await startMariadbServer();
  let count = 0;
  return {
    emptyCatalog: async () => {
      count += 1;
      return { engine: 'mysql', tls: 'off', ...(await server.createDatabase(`catalog_${count}`)) };
    },
    stop: () => server.stop(),
  };
};

export const sqlite: CatalogEngineUnderTest = { name: 'SQLite', available: true, start: startSqlite };

export const mariadb: CatalogEngineUnderTest = {
  name: 'MariaDB',
  available: hasTool('mariadbd'),
  start: startMariadb,
};

/**
 * The engines that every suite about the catalog runs on. Skip what is not `available` with `describe.skipIf`: the test
 * command's closing lines name the missing server.
 */
export const catalogEngines: readonly CatalogEngineUnderTest[] = [sqlite, mariadb];
