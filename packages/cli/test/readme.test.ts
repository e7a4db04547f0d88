import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { toolPath } from '@enterprise-backup/test-support/system-tool';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeData, makeSource, startPlatformOn } from './platform-in-test.ts';
import { program, type Running } from './run-backupctl.ts';

const checkout = join(import.meta.dirname, '../../..');
const readme = readFileSync(join(checkout, 'README.md'), 'utf8');

/** Commands of the README: indented lines, joined where a line ends with a backslash. */
const commands = [...readme.matchAll(/^ {4}(\S(?:.*\\\n)*.*)$/gm)].map(([, command = '']) =>
  command.replace(/\\\n\s*/g, ''),
);
const startingWith = (start: string): string[] => commands.filter((command) => command.startsWith(start));

describe('the README', () => {
  let directory: TemporaryDirectory;
  let running: Running & { readonly text: string };

  beforeAll(async () => {
    directory = temporaryDirectory('readme');
    const source = join(directory.path, 'packages');
    makeSource(join(source, 'packages/contracts'));
    makeData(join(directory.path, '.data'));
    running = await startPlatformOn(join(directory.path, '.data'), source);
  });

  afterAll(async () => {
    running.child.kill('SIGINT');
    await running.ended;
    directory.remove();
  });

  /** Runs a command of the README as it stands, but for the platform's port, in the folder whose `.data` the platform uses. */
  const run = (command: string): Promise<{ readonly stdout: string }> => {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(running.text)?.[1] ?? '';
    const line = command.replace('127.0.0.1:9401', `127.0.0.1:${port}`).replace(/^npx backupctl/, program);
    const aws = toolPath('aws');
    return promisify(execFile)('/bin/sh', ['-c', line], {
      cwd: directory.path,
      env: {
        ...process.env,
        PATH: `${aws === undefined ? '' : `${dirname(aws)}:`}${process.env['PATH'] ?? ''}`,
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
      },
    });
  };

  it('holds the commands that are tried here and elsewhere', () => {
    const known = ['npm ', 'npx backupctl ', 'aws lambda invoke ', 'aws cloudformation create-stack '];
    expect(commands.length).toBeGreaterThan(6);
    expect(commands.filter((command) => !known.some((start) => command.startsWith(start)))).toEqual([]);
  });

  it.each(startingWith('npx backupctl'))('shows what works: %s', async (command) => {
    expect((await run(command)).stdout).not.toBe('');
  });

  const version2 = (): boolean => {
    const aws = toolPath('aws');
    return aws !== undefined && execFileSync(aws, ['--version'], { encoding: 'utf8' }).startsWith('aws-cli/2');
  };

  it.skipIf(toolPath('aws') === undefined).each(startingWith('aws lambda'))(
    'shows a request that the AWS CLI sends: %s',
    async (command) => {
      // Version 1 has no such option, as the README says.
      await run(version2() ? command : command.replace(' --cli-binary-format raw-in-base64-out', ''));
      const answer = JSON.parse(readFileSync(join(directory.path, 'response.json'), 'utf8')) as {
        recovery?: { status: string };
      };
      expect(answer.recovery?.status).toBe('pending');
    },
  );

  it('links to files that exist', () => {
    for (const [, path = ''] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      expect(statSync(join(checkout, path)).isFile()).toBe(true);
  });
});
