import type { Catalog } from '../src/catalog.ts';
import { describeMysqlSchema } from './describe-mysql-schema.ts';
import { describeSqliteSchema } from './describe-sqlite-schema.ts';
import type { TableDescription } from './schema-description.ts';

/** Every table of the catalog, sorted by name, as its engine describes it. */
export const describeSchema = (catalog: Catalog): Promise<TableDescription[]> =>
  catalog.engine === 'mysql' ? describeMysqlSchema(catalog) : describeSqliteSchema(catalog);
