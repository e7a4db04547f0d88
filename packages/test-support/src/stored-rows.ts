/** The part of a session of the catalog that is used here. */
export interface RowSession {
  readonly knex: {
    select(column: '*'): { from(table: string): { orderBy(column: string): PromiseLike<unknown> } };
    delete(): { from(table: string): PromiseLike<unknown> };
  };
}

/** Every table of the catalog with the column that orders its rows, parents before children. */
const tables = [
  ['repositories', 'id'],
  ['source_systems', 'id'],
  ['target_systems', 'id'],
  ['backup_schedules', 'id'],
  ['backup_jobs', 'id'],
  ['recovery_points', 'job_id'],
  ['recoveries', 'id'],
  ['tasks', 'id'],
  ['agents', 'agent_id'],
] as const;

/** All rows of all tables. */
export type StoredRows = Readonly<Record<(typeof tables)[number][0], readonly Record<string, unknown>[]>>;

/** Reads all rows of all tables, so that two states of a catalog can be compared. */
export const readStoredRows = async ({ knex }: RowSession): Promise<StoredRows> => {
  const rows = new Map<string, unknown>();
  for (const [table, order] of tables) rows.set(table, await knex.select('*').from(table).orderBy(order));
  return Object.fromEntries(rows) as StoredRows;
};

/** Empties every table. */
export const deleteStoredRows = async ({ knex }: RowSession): Promise<void> => {
  for (const [table] of tables.toReversed()) await knex.delete().from(table);
};
