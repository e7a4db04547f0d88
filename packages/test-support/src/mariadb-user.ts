import { createConnection } from 'mysql2/promise';
import type { MariadbConnectionSettings } from './mariadb-server.ts';

/** Makes a user that may do everything in one database, as the administrator of the server. */
export const createMariadbUser = async (
  administrator: MariadbConnectionSettings,
  user: { readonly name: string; readonly password: string; readonly database: string },
): Promise<void> => {
  const client = await createConnection(administrator);
  try {
    await client.query("CREATE USER ?@'127.0.0.1' IDENTIFIED BY ?", [user.name, user.password]);
    await client.query("GRANT ALL ON ??.* TO ?@'127.0.0.1'", [user.database, user.name]);
  } finally {
    await client.end();
  }
};
