import { once } from 'node:events';
import { connectCatalog, type CatalogSettings } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

/** What a test asks of this process, as JSON in the first argument. */
export interface MigrateProcessRequest {
  readonly settings: CatalogSettings;
  /** Number of the statement, among those that make or record something, after which the process kills itself. */
  readonly killAfterWrite?: number;
}

const request = JSON.parse(process.argv[2] ?? '') as MigrateProcessRequest;

// Loading takes longest; those who migrate at the same time start together when the test says so.
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();

const catalog = await connectCatalog(request.settings);
let writes = 0;
catalog.knex.on('query-response', (_response: unknown, query: { readonly sql: string }) => {
  if (!/^(create|insert)\b/i.test(query.sql)) return;
  writes += 1;
  if (writes === request.killAfterWrite) process.kill(process.pid, 'SIGKILL');
});
const outcome = await migrate(catalog);
await catalog.close();
process.stdout.write(`${JSON.stringify(outcome)}\n`);
