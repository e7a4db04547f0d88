import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A cold start of a Lambda function. */
export interface ColdStart {
  /** From the first byte of its code that is loaded to its first answer. */
  readonly load_to_answer_ms: number;
  /** From the start of Node to the same. */
  readonly process_to_answer_ms: number;
}

const program = `
  const before = performance.now();
  const [module, ...events] = process.argv.slice(1);
  const { handler } = await import(module);
  for (const event of events) {
    await handler(JSON.parse(event), { awsRequestId: 'request-1' });
    const now = performance.now();
    process.stdout.write('\\nanswered ' + JSON.stringify({ load_to_answer_ms: now - before, process_to_answer_ms: now }) + '\\n');
  }
  process.exit(0);
`;

/**
 * Loads the bundle in a new process, as Lambda does, and has it answer one event from a catalog in the SQLite file, whose
 * tables `migrate` made before.
 */
export function measureColdStart(bundle: string, catalog: string, event: object): ColdStart {
  return call(bundle, catalog, event);
}

/** Makes the tables of the catalog by the orchestrator's bundle. */
export function migrate(bundle: string, catalog: string): void {
  call(bundle, catalog, { action: 'migrate' });
}

function call(bundle: string, catalog: string, event: object): ColdStart {
  const args = ['--input-type=module', '-e', program, join(bundle, 'lambda.mjs'), JSON.stringify(event)];
  const output = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    env: { CATALOG_ENGINE: 'sqlite', CATALOG_FILE: catalog, AWS_REGION: 'us-east-1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const line = output.split('\n').find((text) => text.startsWith('answered '));
  return JSON.parse((line ?? '').slice('answered '.length)) as ColdStart;
}
