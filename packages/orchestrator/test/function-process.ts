import { once } from 'node:events';
import { toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import { connectCatalog, type CatalogSettings } from '@enterprise-backup/schema/connect';
import { recordedOutput } from '@enterprise-backup/test-support/recorded-output';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { createOrchestrator } from '../src/create-orchestrator.ts';

/** What a test asks of this process, as JSON in the first argument. */
export interface FunctionProcessRequest {
  readonly settings: CatalogSettings;
  readonly now: string;
  /** Calls that are made at the same time. */
  readonly events: readonly unknown[];
  /** Whether each call is made again until its answer holds no task. */
  readonly untilNoTask?: boolean;
  /** Number of the statement, among those that change rows, after which the process kills itself. */
  readonly killAfterWrite?: number;
}

/** What became of a call: every answer, or the error that ended it. */
export type CallOutcome =
  { readonly answers: readonly unknown[] } | { readonly code: string; readonly message: string };

const request = JSON.parse(process.argv[2] ?? '') as FunctionProcessRequest;

const holdsTask = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && Reflect.get(answer, 'task') !== null;

const catalog = await connectCatalog(request.settings);
const { log, metrics } = recordedOutput();
const handle = createOrchestrator({ catalog, clock: setClock(request.now), log, metrics });

const callOnce = async (event: unknown, index: number): Promise<CallOutcome> => {
  const answers: unknown[] = [];
  try {
    do {
      answers.push(await handle(event, { awsRequestId: `${process.pid}-${index}-${answers.length}` }));
    } while (request.untilNoTask === true && holdsTask(answers.at(-1)));
    return { answers };
  } catch (error) {
    const { code, message } = toErrorReport(toPlatformError(error));
    return { code, message };
  }
};

// Loading takes longest; those that call at the same time start together when the test says so.
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();

let writes = 0;
catalog.knex.on('query-response', (_response: unknown, query: { readonly sql: string }) => {
  if (!/^(insert|update|delete)\b/i.test(query.sql)) return;
  writes += 1;
  if (writes === request.killAfterWrite) process.kill(process.pid, 'SIGKILL');
});
const outcomes = await Promise.all(request.events.map(callOnce));
await catalog.close();
process.stdout.write(`${JSON.stringify({ outcomes })}\n`);
