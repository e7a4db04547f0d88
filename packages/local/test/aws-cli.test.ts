import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultStackName, functionNames } from '@enterprise-backup/contracts/names';
import type { LambdaEndpoint } from '../src/endpoint/lambda-endpoint.ts';
import { echo, offered, refuse, startExampleEndpoint } from './example-functions.ts';

/** The installed AWS CLIs by their major version: pip installs version 1, Debian version 2. */
function installedVersions(): ReadonlyMap<string, string> {
  const candidates = [toolPath('aws'), '/usr/local/bin/aws', '/usr/bin/aws'];
  const found = new Map<string, string>();
  for (const path of candidates) {
    if (path === undefined || !existsSync(path)) continue;
    const major = /aws-cli\/(\d)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1];
    if (major !== undefined && !found.has(major)) found.set(major, path);
  }
  return found;
}

const versions = installedVersions();
const { recovery, orchestrator } = functionNames(defaultStackName);

describe.each(['1', '2'])('the AWS CLI version %s', (version) => {
  const program = versions.get(version);
  let folder: TemporaryDirectory;
  let endpoint: LambdaEndpoint;

  beforeAll(async () => {
    folder = temporaryDirectory('aws-cli');
    endpoint = await startExampleEndpoint([offered(recovery, echo), offered(orchestrator, refuse)]);
  });

  afterAll(async () => {
    await endpoint.stop();
    folder.remove();
  });

  /** Runs `aws lambda invoke` as a person types it; answers what it prints, and the file that it writes. */
  const invoke = async (...args: string[]): Promise<{ readonly printed: unknown; readonly file: string }> => {
    const { stdout } = await promisify(execFile)(
      program ?? 'aws',
      ['lambda', 'invoke', '--endpoint-url', endpoint.url, ...args, 'response.json'],
      {
        cwd: folder.path,
        env: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          HOME: folder.path,
          AWS_ACCESS_KEY_ID: 'any',
          AWS_SECRET_ACCESS_KEY: 'any',
          AWS_DEFAULT_REGION: 'us-east-1',
        },
      },
    );
    return { printed: JSON.parse(stdout || 'null'), file: readFileSync(join(folder.path, 'response.json'), 'utf8') };
  };
  const request = '{"backup_id": "backup-123", "target_system": "prod-db-01"}';
  // Version 1 takes a payload as it is and does not know the option with which version 2 is told to do so.
  const raw = version === '1' ? [] : ['--cli-binary-format', 'raw-in-base64-out'];

  it.skipIf(program === undefined)('sends the documented request', async () => {
    const { printed, file } = await invoke('--function-name', recovery, '--payload', request, ...raw);
    expect(printed).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(JSON.parse(file)).toMatchObject({ event: { backup_id: 'backup-123', target_system: 'prod-db-01' } });
  });

  it.skipIf(program === undefined)('shows the error that a function raises', async () => {
    const { printed, file } = await invoke('--function-name', orchestrator, '--payload', '{}', ...raw);
    expect(printed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(file)).toMatchObject({ errorType: 'BACKUP_NOT_FOUND' });
  });

  it.skipIf(program === undefined)('sends events', async () => {
    const { printed, file } = await invoke(
      ...['--function-name', `${recovery}:$LATEST`, '--invocation-type', 'Event', '--payload', request],
      ...raw,
    );
    expect(printed).toEqual({ StatusCode: 202 });
    expect(file).toBe('');
  });

  it.skipIf(program === undefined)('shows the log', async () => {
    const arn = `arn:aws:lambda:eu-central-1:123456789012:function:${recovery}`;
    const { printed } = await invoke('--function-name', arn, '--log-type', 'Tail');
    const { LogResult } = printed as { LogResult: string };
    expect(Buffer.from(LogResult, 'base64').toString()).toContain('START RequestId: ');
  });

  it.skipIf(program === undefined)('names the errors of the service', async () => {
    await expect(invoke('--function-name', 'no-such')).rejects.toThrow(
      /An error occurred \(ResourceNotFoundException\) when calling the Invoke operation.*: Function not found: arn:aws:/,
    );
    await expect(invoke('--function-name', recovery, '--payload', '{', ...raw)).rejects.toThrow(
      /An error occurred \(InvalidRequestContentException\) when calling the Invoke operation.*: the request body is not/,
    );
  });
});
