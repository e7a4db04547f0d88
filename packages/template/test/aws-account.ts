import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { databaseName } from '@enterprise-backup/contracts/names';
import { queryMariadb } from '@enterprise-backup/test-support/mariadb-query';
import { startMariadbServer } from '@enterprise-backup/test-support/mariadb-server';
import { createMariadbUser } from '@enterprise-backup/test-support/mariadb-user';
import { toolPath } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { documentedBlocks } from './documented-commands.ts';
import { startMotoPlatform, type MotoPlatform } from './moto-platform.ts';

export const root = resolve(import.meta.dirname, '../../..');
export const stackName = 'enterprise-backup-dr-platform';

/** The document whose commands are run; the first block gives names to the others. */
const [names, ...blocks] = documentedBlocks(join(root, 'docs/operations.md'));
export const operations = blocks;

/** What a command left behind. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An AWS account on this machine, and an operator's folder that looks like the checkout. */
export interface AwsAccount {
  readonly platform: MotoPlatform;
  readonly folder: string;
  /** What a process that calls this AWS is given; `caller` is its name in the record of calls. */
  environment(caller: string): Record<string, string>;
  /** Runs a documented block as a person does, but for places, answers and what is built. */
  run(block: string): Promise<Ran>;
  /** Runs the AWS CLI and gives its JSON. */
  aws(...args: readonly string[]): unknown;
  startAgent(name: string, kinds: string): ChildProcess & { readonly log: () => string };
  /** What the functions are next published from. */
  useNewerSchema(): void;
  sql(statement: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Bundles the functions, in a process of its own; the agents' archives, of which nothing here is started, are small. */
const build = (dist: string): void => {
  const script = `
    const { makeBundle } = await import('${root}/scripts/bundles/make-bundle.ts');
    const { bundleDefinitions } = await import('${root}/scripts/bundles/bundle-definitions.ts');
    const functions = bundleDefinitions.filter(({ name }) => name !== 'agent');
    for (const definition of functions) await makeBundle('${root}', definition, '${dist}');`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: 'pipe' });
  for (const name of ['aarch64', 'x86_64']) writeFileSync(join(dist, `agent-${name}.tar.gz`), `archive for ${name}`);
};

/** A schema of one more change, in the place where the next release would have it. */
const addMigration = (dist: string, newer: string): void => {
  cpSync(dist, newer, { recursive: true });
  const file = join(newer, 'orchestrator/lambda.mjs');
  const code = readFileSync(file, 'utf8');
  const step = `{ makes: { kind: 'column', table: 'agents', column: 'rack' }, statements: ['alter table agents add column rack varchar(8)'] }`;
  const changed = code.replace(
    /var allMigrations = \[([^\]]+)\];/,
    `var allMigrations = [$1, { name: '9999_rack', steps: () => [${step}] }];`,
  );
  if (changed === code) throw new Error('the bundle has no list of migrations where this test looks for it');
  writeFileSync(file, changed);
};

const isVersion2 = (aws: string): boolean =>
  execFileSync(aws, ['--version'], { encoding: 'utf8' }).startsWith('aws-cli/2');

/** Starts MariaDB, moto and a folder for the operator, with the example's password as the database's. */
export const startAwsAccount = async (): Promise<AwsAccount> => {
  const directory = temporaryDirectory('aws-account');
  const folder = directory.path;
  const parameters = join(root, 'parameters.example.json');
  const example = JSON.parse(readFileSync(parameters, 'utf8')) as readonly {
    readonly ParameterKey: string;
    readonly ParameterValue: string;
  }[];
  const password = example.find(({ ParameterKey }) => ParameterKey === 'DBPassword')?.ParameterValue ?? '';
  for (const name of ['package.json', 'packages', 'scripts', 'templates', 'node_modules', 'parameters.example.json']) {
    symlinkSync(join(root, name), join(folder, name));
  }
  mkdirSync(join(folder, 'documents'));
  writeFileSync(join(folder, 'documents/report.txt'), 'content '.repeat(10_000));
  let dist = join(folder, 'dist');
  const newer = join(folder, 'dist-newer');
  build(dist);
  addMigration(dist, newer);
  const mariadb = await startMariadbServer();
  const { port, database } = await mariadb.createDatabase(databaseName);
  await createMariadbUser(mariadb.connection, { name: 'backup_catalog', password, database });
  // In place of the address that moto makes up for the database. User and password are the stack's.
  const platform = await startMotoPlatform({
    CATALOG_HOST: '127.0.0.1',
    CATALOG_PORT: String(port),
    CATALOG_TLS: 'off',
  });
  const cli = toolPath('aws') ?? 'aws';
  const version2 = isVersion2(cli);
  const agents: ChildProcess[] = [];

  const environment = (caller: string): Record<string, string> => ({
    PATH: `${join(root, 'node_modules/.bin')}:${join(cli, '..')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    AWS_ENDPOINT_URL: platform.endpoint,
    AWS_ACCESS_KEY_ID: caller,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    NO_COLOR: '1',
  });

  const prelude = (): string => `${names?.text ?? ''}
    # Version 1 of the CLI leaves the address in the environment aside for some services.
    aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
    eval "real_$(declare -f output)"
    output() { real_output "$@" | sed 's#https://s3.us-east-1.amazonaws.com#${platform.endpoint}#'; }
    `;

  const adapt = (block: string): string => {
    const yes = (line: string): string => (line.includes('--plan') ? line : `${line} --yes`);
    return block
      .split('\n')
      .map((line) => (/^scripts\/create-stack |deploy --delete/.test(line) ? yes(line) : line))
      .join('\n')
      .replaceAll(/^scripts\/create-stack /gm, `scripts/create-stack --built ${dist} `)
      .replaceAll(/(npm run (?:--silent )?publish -- )/g, `$1--built ${dist} `)
      .replaceAll('npx backupctl', join(root, 'packages/cli/bin/backupctl.mjs'))
      .replaceAll(version2 ? '\0' : ' --cli-binary-format raw-in-base64-out', '')
      .replaceAll('/srv/documents', join(folder, 'documents'))
      .replaceAll('/srv/restored', join(folder, 'restored'));
  };

  const run = async (block: string): Promise<Ran> => {
    const options = { cwd: folder, env: environment('operator'), maxBuffer: 64 * 1024 ** 2 };
    const script = `set -euo pipefail\n${prelude()}\n${adapt(block)}`;
    try {
      return { status: 0, ...(await promisify(execFile)('/bin/bash', ['-c', script], options)) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { status: code, stdout, stderr };
    }
  };

  return {
    platform,
    folder,
    environment,
    run,
    aws: (...args) => {
      const options = { cwd: folder, encoding: 'utf8', env: environment('observer') } as const;
      const text = execFileSync(cli, ['--endpoint-url', platform.endpoint, ...args, '--output', 'json'], options);
      return text.trim() === '' ? null : (JSON.parse(text) as unknown);
    },
    startAgent: (name, kinds) => {
      const child = spawn(process.execPath, [join(root, 'packages/agent/src/main.ts')], {
        cwd: folder,
        env: {
          ...environment(name),
          BACKUP_AGENT_ID: name,
          BACKUP_STACK_NAME: stackName,
          BACKUP_SETTINGS_PARAMETER: `/${stackName}/agent-settings`,
          BACKUP_WORK_KINDS: kinds,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      agents.push(child);
      let log = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (log += text));
      }
      return Object.assign(child, { log: () => log });
    },
    useNewerSchema: () => {
      dist = newer;
    },
    sql: (statement) => queryMariadb(mariadb.connection, database, statement),
    stop: async () => {
      for (const agent of agents) {
        if (agent.exitCode !== null || agent.signalCode !== null) continue;
        const exited = once(agent, 'exit');
        agent.kill('SIGKILL');
        await exited;
      }
      await platform.stop();
      await mariadb.stop();
      directory.remove();
    },
  };
};
