import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import { isRoot, toolPath } from './system-tool.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** How a client reaches the server, in the words of mysql2 and knex. The user is the server's administrator. */
export interface MariadbConnectionSettings {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: 'root';
  readonly password: string;
}

/** A running MariaDB server of the test's own, with no database in it but the server's. */
export interface MariadbServer {
  readonly connection: MariadbConnectionSettings;
  /** The Unix socket, for clients that prefer it to the port. */
  readonly socketPath: string;
  /** Makes an empty utf8mb4 database and returns the settings with which to reach it. */
  createDatabase(name: string): Promise<MariadbConnectionSettings & { readonly database: string }>;
  /** Ends the server and removes its data; safe to repeat. */
  stop(): Promise<void>;
}

const PASSWORD = 'test-only';
const START_ATTEMPTS = 3;
const READY_LIMIT_MS = 60_000;

/**
 * The command that runs `program` so that the kernel kills it when the process that started it dies, where the machine
 * has setpriv (util-linux): a test run that is killed leaves no server behind.
 */
const boundToParent = (program: string, args: string[]): [string, string[]] =>
  existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', ['--pdeathsig', 'KILL', program, ...args]] : [program, args];

/** The socket is asked and not the port: on the port another server may answer, which was faster to take it. */
const readyBeforeExit = async (server: ChildProcess, socketPath: string): Promise<boolean> => {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (server.exitCode === null && server.signalCode === null && performance.now() < deadline) {
    try {
      const connection = await createConnection({ socketPath, user: 'root', password: PASSWORD });
      await connection.query('SELECT 1');
      await connection.end();
      return true;
    } catch {
      await delay(50);
    }
  }
  return false;
};

const endProcess = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
};

/**
 * Starts a MariaDB server with a data folder of its own under the temporary folder, listening on a free port of
 * 127.0.0.1 and on a socket, and returns when it answers a query. Takes about three seconds. Nothing is written to disk
 * with care (no flush per commit), since the data is thrown away. Call `stop()` in `afterAll`, and skip the suite with
 * `describe.skipIf(!hasTool('mariadbd'))` where the machine has no server.
 *
 * @throws Error with the end of the server's log when it does not come up.
 */
export const startMariadbServer = async (): Promise<MariadbServer> => {
  const install = toolPath('mariadb-install-db');
  const daemon = toolPath('mariadbd');
  if (install === undefined || daemon === undefined) {
    throw new Error("there is no MariaDB server on this machine; skip the suite with hasTool('mariadbd')");
  }
  const directory = temporaryDirectory('mariadb');
  const dataFolder = join(directory.path, 'data');
  const socketPath = join(directory.path, 'server.sock');
  const logPath = join(directory.path, 'server.log');
  const initPath = join(directory.path, 'init.sql');
  const asUser = isRoot ? ['--user=root'] : [];
  // Temporary tables are named by the process's number, of which there are several where tests have namespaces.
  const env = { ...process.env, TMPDIR: directory.path };
  try {
    await promisify(execFile)(
      install,
      [
        '--no-defaults',
        `--datadir=${dataFolder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        ...asUser,
      ],
      { env },
    );
    writeFileSync(
      initPath,
      ['localhost', '127.0.0.1']
        .map((host) => `ALTER USER IF EXISTS root@'${host}' IDENTIFIED BY '${PASSWORD}';\n`)
        .join(''),
    );
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      const connection: MariadbConnectionSettings = {
        host: '127.0.0.1',
        port: await freePort(),
        user: 'root',
        password: PASSWORD,
      };
      const log = openSync(logPath, 'a');
      const [command, args] = boundToParent(daemon, [
        '--no-defaults',
        `--datadir=${dataFolder}`,
        `--socket=${socketPath}`,
        `--pid-file=${join(directory.path, 'server.pid')}`,
        `--port=${connection.port}`,
        '--bind-address=127.0.0.1',
        `--init-file=${initPath}`,
        '--innodb-buffer-pool-size=64M',
        '--innodb-flush-log-at-trx-commit=0',
        '--max-connections=300',
        ...asUser,
      ]);
      const server = spawn(command, args, { stdio: ['ignore', log, log], env });
      closeSync(log);
      const failed = new Promise<never>((_resolve, reject) => server.once('error', reject));
      if (await Promise.race([readyBeforeExit(server, socketPath), failed])) {
        const killAtExit = (): void => {
          server.kill('SIGKILL');
        };
        process.once('exit', killAtExit);
        return {
          connection,
          socketPath,
          createDatabase: async (name) => {
            const client = await createConnection(connection);
            await client.query('CREATE DATABASE ?? CHARACTER SET utf8mb4', [name]);
            await client.end();
            return { ...connection, database: name };
          },
          stop: async () => {
            process.off('exit', killAtExit);
            await endProcess(server);
            directory.remove();
          },
        };
      }
      await endProcess(server);
    }
    throw new Error(`the MariaDB server did not come up:\n${readFileSync(logPath, 'utf8').slice(-4000)}`);
  } catch (error) {
    directory.remove();
    throw error;
  }
};
