import { join } from 'node:path';
import { startMariadbServer } from '@enterprise-backup/test-support/mariadb-server';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import type { CatalogSettings } from '../src/connect.ts';

/** An engine that is up for a suite. */
export interface RunningEngine {
  /** Settings of a catalog that has no table yet. */
  emptyCatalog(): Promise<CatalogSettings>;
  stop(): Promise<void>;
}

/** An engine that the suites run on, where the machine has it. */
export interface TestEngine {
  readonly name: 'SQLite' | 'MariaDB';
  readonly available: boolean;
  start(): Promise<RunningEngine>;
}

const startSqlite = (): Promise<RunningEngine> => {
  const directory = temporaryDirectory('catalog');
  let count = 0;
  return Promise.resolve({
    emptyCatalog: () => {
      count += 1;
      return Promise.resolve({ engine: 'sqlite' as const, file: join(directory.path, `catalog-${count}.sqlite`) });
    },
    stop: () => {
      directory.remove();
      return Promise.resolve();
    },
  });
};

const startMariadb = async (): Promise<RunningEngine> => {
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

export const sqlite: TestEngine = { name: 'SQLite', available: true, start: startSqlite };

export const mariadb: TestEngine = { name: 'MariaDB', available: hasTool('mariadbd'), start: startMariadb };

export const testEngines: readonly TestEngine[] = [sqlite, mariadb];
