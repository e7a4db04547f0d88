import { mysqlNumber, sqliteCode } from './engine/catalog-error.ts';

/** SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID and MySQL's ER_DUP_ENTRY. */
const duplicate: ReadonlySet<number> = new Set([1555, 2067, 2579]);
const ER_DUP_ENTRY = 1062;

/** SQLITE_CONSTRAINT_FOREIGNKEY, and MySQL's ER_ROW_IS_REFERENCED_2 and ER_NO_REFERENCED_ROW_2. */
const SQLITE_CONSTRAINT_FOREIGNKEY = 787;
const foreignKey: ReadonlySet<number> = new Set([1451, 1452]);

/**
 * Which rule of the tables a statement would have broken: `unique` when a row with the key exists, `foreign_key` when a
 * row that is named does not exist or one that is removed is still named. Undefined for any other error.
 */
export const violatedConstraint = (error: unknown): 'unique' | 'foreign_key' | undefined => {
  const sqlite = sqliteCode(error);
  if (sqlite !== undefined) {
    if (duplicate.has(sqlite)) return 'unique';
    return sqlite === SQLITE_CONSTRAINT_FOREIGNKEY ? 'foreign_key' : undefined;
  }
  const mysql = mysqlNumber(error) ?? 0;
  if (mysql === ER_DUP_ENTRY) return 'unique';
  return foreignKey.has(mysql) ? 'foreign_key' : undefined;
};
