import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { databaseName, functionNames } from '@enterprise-backup/contracts/names';
import { startMariadbServer, type MariadbServer } from '@enterprise-backup/test-support/mariadb-server';
import { createMariadbUser } from '@enterprise-backup/test-support/mariadb-user';
import { hasTool, toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { templateDefinitions } from '../src/template-files.ts';
import { motoEnvironment, startMotoPlatform, type MotoPlatform } from './moto-platform.ts';

const root = resolve(import.meta.dirname, '../../..');
const stackName = 'enterprise-backup-dr-platform';
const bucket = 'enterprise-backup-artifacts-123456789012-us-east-1';
const password = 'a-Password-for-tests-2026';
const folder = temporaryDirectory('create-stack');

let platform: MotoPlatform | undefined;
let mariadb: MariadbServer | undefined;

/** Runs the AWS CLI in the temporary folder, as the documentation writes it, and gives its JSON. */
const aws = (...args: readonly string[]): unknown => {
  const text = execFileSync(toolPath('aws') ?? 'aws', [...args, '--region', 'us-east-1', '--output', 'json'], {
    cwd: folder.path,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: folder.path,
      AWS_ENDPOINT_URL: platform?.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  return text.trim() === '' ? null : JSON.parse(text);
};

/** Bundles what ships, in a process of its own, into the temporary folder. */
const makeBundles = (): void => {
  const script = `
    const { makeBundle } = await import('${root}/scripts/bundles/make-bundle.ts');
    const { bundleDefinitions } = await import('${root}/scripts/bundles/bundle-definitions.ts');
    const functions = bundleDefinitions.filter(({ name }) => name !== 'agent');
    for (const definition of functions) await makeBundle('${root}', definition, '${folder.path}/bundles');`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: 'pipe' });
};

/** Puts the bundles and the other templates where the defaults of main.yaml look for them. */
const publish = (): void => {
  aws('s3api', 'create-bucket', '--bucket', bucket);
  const put = (file: string, key: string): void => {
    aws('s3api', 'put-object', '--bucket', bucket, '--key', `current/${key}`, '--body', file);
  };
  for (const name of ['orchestrator', 'recovery']) {
    const zip = join(folder.path, `${name}.zip`);
    const bundle = join(folder.path, 'bundles', name);
    execFileSync(join(motoEnvironment.bin ?? '', 'python'), [
      '-c',
      'import shutil, sys; shutil.make_archive(sys.argv[1][:-4], "zip", sys.argv[2])',
      zip,
      bundle,
    ]);
    put(zip, `${name}.zip`);
  }
  for (const name of Object.keys(templateDefinitions)) put(join(root, 'templates', name), name);
};

interface DescribedStacks {
  readonly Stacks: readonly [
    {
      readonly StackStatus: string;
      readonly Outputs: readonly { readonly OutputKey: string; readonly OutputValue: string }[];
    },
  ];
}

const stackStatus = (): string =>
  (aws('cloudformation', 'describe-stacks', '--stack-name', stackName) as DescribedStacks).Stacks[0].StackStatus;

const outputs = (): Map<string, string> => {
  const described = aws('cloudformation', 'describe-stacks', '--stack-name', stackName) as DescribedStacks;
  return new Map(described.Stacks[0].Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
};

/** Calls a function of the stack, as a person would. */
const invoke = (functionName: string, payload: object): unknown => {
  const call = ['--function-name', functionName, '--payload', JSON.stringify(payload)];
  aws('lambda', 'invoke', ...call, 'answer.json');
  return JSON.parse(readFileSync(join(folder.path, 'answer.json'), 'utf8'));
};

describe.skipIf(motoEnvironment.absence !== null || !hasTool('aws') || !hasTool('mariadbd'))('create-stack', () => {
  beforeAll(async () => {
    mariadb = await startMariadbServer();
    const { port, database } = await mariadb.createDatabase(databaseName);
    await createMariadbUser(mariadb.connection, { name: 'backup_catalog', password, database });
    // In place of the address that moto makes up for the database. User and password are the stack's.
    platform = await startMotoPlatform({
      CATALOG_HOST: '127.0.0.1',
      CATALOG_PORT: String(port),
      CATALOG_TLS: 'off',
    });
  });
  afterAll(async () => {
    await platform?.stop();
    await mariadb?.stop();
    folder.remove();
  });

  it('creates the stack with the documented command', async () => {
    // Version 2 of the CLI takes a payload as it stands only when it is told so; version 1 knows no such setting.
    mkdirSync(join(folder.path, '.aws'));
    writeFileSync(join(folder.path, '.aws/config'), '[default]\ncli_binary_format = raw-in-base64-out\n');
    makeBundles();
    publish();
    copyFileSync(join(root, 'templates/main.yaml'), join(folder.path, 'main.yaml'));
    const parameters = {
      Environment: 'production',
      DBPassword: password,
      BackupRetentionDays: '30',
    };
    writeFileSync(
      join(folder.path, 'parameters.json'),
      JSON.stringify(
        Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
      ),
    );
    aws(
      'cloudformation',
      'create-stack',
      ...['--stack-name', stackName, '--template-body', 'file://main.yaml', '--parameters', 'file://parameters.json'],
      ...['--capabilities', 'CAPABILITY_NAMED_IAM'],
    );
    await expect.poll(stackStatus, { timeout: 20_000, interval: 500 }).toBe('CREATE_COMPLETE');
  });

  it('brings the tables up as part of the stack, with the password from the secret', async () => {
    await expect.poll(() => platform?.output()).toMatch(/"message":"catalog migrated"/);
    expect(outputs().get('DatabaseSecretArn')).toMatch(/^arn:aws:secretsmanager:us-east-1:/);
  });

  it('gives the functions all that their bundles ask for', () => {
    const { orchestrator, recovery } = functionNames(stackName);
    expect(invoke(orchestrator, { action: 'status' })).toMatchObject({ sources: [], agents: [] });
    expect(invoke(orchestrator, { source: 'aws.events', 'detail-type': 'Scheduled Event' })).toMatchObject({
      jobs_created: [],
    });
    expect(invoke(recovery, { backup_id: 'backup-123', target_system: 'prod-db-01' })).toMatchObject({
      errorType: 'BACKUP_NOT_FOUND',
    });
  });

  it('names resources and outputs as people type them', () => {
    const values = outputs();
    expect(values.get('BackupAlertsTopicArn')).toMatch(/^arn:aws:sns:us-east-1:123456789012:/);
    expect(values.get('BackupBucketName')).toBe(`${stackName}-123456789012-us-east-1`);
    expect(values.get('RepositoryLocation')).toBe(
      `s3:https://s3.us-east-1.amazonaws.com/${stackName}-123456789012-us-east-1/repository`,
    );
    const group = ['--auto-scaling-group-names', `${stackName}-backup-agents-asg`];
    expect(aws('autoscaling', 'describe-auto-scaling-groups', ...group)).toMatchObject({
      AutoScalingGroups: [{ MinSize: 2, MaxSize: 10 }],
    });
  });

  it('brings up the second Region and the alarms', () => {
    const buckets = aws('s3api', 'list-buckets') as { readonly Buckets: readonly { readonly Name: string }[] };
    expect(buckets.Buckets.map(({ Name }) => Name)).toContain(`${stackName}-123456789012-us-west-2`);
    const { MetricAlarms } = aws('cloudwatch', 'describe-alarms') as { readonly MetricAlarms: readonly object[] };
    expect(MetricAlarms.length).toBeGreaterThan(10);
  });
});
