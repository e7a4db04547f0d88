import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('../src/lambda.ts', import.meta.url));

/** Loads the module as Lambda does, calls its handler with each event in turn, and prints what became of each. */
const PROGRAM = `
  const [module, ...events] = process.argv.slice(1);
  const { handler } = await import(module);
  for (const event of events) {
    const outcome = await handler(JSON.parse(event), { awsRequestId: 'request-1' }).catch(
      (error) => ({ errorType: error.name, errorMessage: error.message }),
    );
    process.stdout.write('outcome ' + JSON.stringify(outcome) + '\\n');
  }
  process.exit(0);
`;

const runHandler = async (environment: Readonly<Record<string, string>>, events: readonly object[]) => {
  const program = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PROGRAM, MODULE];
  const child = spawn(process.execPath, [...program, ...events.map((event) => JSON.stringify(event))], {
    env: { PATH: '/usr/bin', ...environment },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const lines = `${output}\n${errors}`.split('\n').filter((line) => line !== '');
  const outcomes = lines
    .filter((line) => line.startsWith('outcome '))
    .map((line): unknown => JSON.parse(line.slice(8)));
  const entries = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, errors, outcomes, entries };
};

describe('the Lambda module', () => {
  it('fails while it is loaded when the environment is incomplete, and names what is missing', async () => {
    const { exitCode, errors, outcomes } = await runHandler({ CATALOG_USER: 'platform' }, [{ action: 'status' }]);
    expect(exitCode).not.toBe(0);
    expect(outcomes).toEqual([]);
    expect(errors).toContain('ENVIRONMENT_INVALID');
    expect(errors).toContain('CATALOG_HOST');
    expect(errors).not.toContain('CATALOG_USER is missing');
  });

  it('answers, logs as JSON, and prints metrics in the embedded format', async () => {
    const file = join(temporaryDirectoryForTest('lambda'), 'catalog.sqlite');
    const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
    const { exitCode, outcomes, entries } = await runHandler({ CATALOG_ENGINE: 'sqlite', CATALOG_FILE: file }, [
      { action: 'migrate' },
      scheduled,
      { action: 'get_job', backup_id: 'backup-1' },
    ]);
    expect(exitCode).toBe(0);
    expect(outcomes).toEqual([
      { applied: expect.arrayContaining(['0001_systems']) as unknown, version: expect.any(String) as unknown },
      { jobs_created: [], tasks_returned: [], tasks_failed: [], overdue: [] },
      { errorType: 'BACKUP_NOT_FOUND', errorMessage: expect.stringMatching(/^there is no backup-1\b/) as unknown },
    ]);
    expect(entries).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        message: 'action completed',
        service: 'orchestrator',
        action: 'migrate',
      }),
    );
    expect(entries).toContainEqual(expect.objectContaining({ level: 'WARN', code: 'BACKUP_NOT_FOUND' }));
    const metrics = entries.find((entry) => '_aws' in entry);
    expect(metrics).toMatchObject({
      service: 'orchestrator',
      SourcesOverdue: 0,
      _aws: { CloudWatchMetrics: [{ Namespace: 'EnterpriseBackup', Dimensions: [['service']] }] },
    });
  });

  it('says that the catalog cannot be reached, and is asked again by the next call', async () => {
    const file = join(temporaryDirectoryForTest('lambda'), 'missing', 'catalog.sqlite');
    const unreachable = { CATALOG_HOST: '127.0.0.1', CATALOG_PORT: '1', CATALOG_USER: 'u', CATALOG_TLS: 'off' };
    const events = [{ action: 'status' }, { action: 'status' }];
    for (const environment of [
      { CATALOG_ENGINE: 'sqlite', CATALOG_FILE: file },
      { ...unreachable, CATALOG_PASSWORD: 'hunter2' },
    ]) {
      const { outcomes, entries, errors } = await runHandler(environment, events);
      const expected: unknown = expect.objectContaining({ errorType: 'CATALOG_UNAVAILABLE' });
      expect(outcomes).toEqual([expected, expected]);
      expect(JSON.stringify([outcomes, entries, errors])).not.toContain('hunter2');
    }
  });
});
