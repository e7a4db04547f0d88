import { existsSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { startMariadbServer } from './mariadb-server.ts';
import { hasTool } from './system-tool.ts';

describe.skipIf(!hasTool('mariadbd'))('a private MariaDB server', () => {
  it('answers on its port with the database asked for, and is gone with its data after stop', async () => {
    const server = await startMariadbServer();
    try {
      const settings = await server.createDatabase('backup_metadata');
      const connection = await createConnection(settings);
      const [rows] = await connection.query('SELECT DATABASE() AS name, @@socket AS socket');
      expect(rows).toEqual([{ name: 'backup_metadata', socket: server.socketPath }]);
      await connection.end();
    } finally {
      await server.stop();
    }
    expect(existsSync(server.socketPath)).toBe(false);
    await expect(createConnection(server.connection)).rejects.toThrow('ECONNREFUSED');
  });

  it('runs beside another one', async () => {
    const servers = await Promise.all([startMariadbServer(), startMariadbServer()]);
    try {
      const ports = new Set(servers.map((server) => server.connection.port));
      expect(ports.size).toBe(2);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});
