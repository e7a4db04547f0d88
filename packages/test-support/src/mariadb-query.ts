import { createConnection } from 'mysql2/promise';
import type { MariadbConnectionSettings } from './mariadb-server.ts';

/** Runs one statement as the administrator of the server, in one database, and returns its rows. */
export const queryMariadb = async (
  administrator: MariadbConnectionSettings,
  database: string,
  statement: string,
): Promise<unknown> => {
  const client = await createConnection({ ...administrator, database });
  try {
    const [rows] = await client.query(statement);
    return rows;
  } finally {
    await client.end();
  }
};
