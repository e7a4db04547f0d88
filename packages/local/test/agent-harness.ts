import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { actionCaller, type ActionCaller } from '@enterprise-backup/agent/action-caller';
import { createInvokeClient } from '@enterprise-backup/agent/invoke-client';
import { systemClock } from '@enterprise-backup/contracts/clock';
import type { FunctionHandler, FunctionLog } from '@enterprise-backup/contracts/invocation';
import { defaultStackName, functionNames } from '@enterprise-backup/contracts/names';
import { orchestratorActions, type JobView } from '@enterprise-backup/contracts/orchestrator';
import { recoveryActions, type RecoveryView } from '@enterprise-backup/contracts/recovery';
import { createOrchestrator } from '@enterprise-backup/orchestrator/create-orchestrator';
import { createRecovery } from '@enterprise-backup/recovery/create-recovery';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { expect, onTestFailed } from 'vitest';
import { dataFolderAt, layOutDataFolder, repositorySecret, type DataFolder } from '../src/data-folder.ts';
import type { LambdaEndpoint } from '../src/endpoint/lambda-endpoint.ts';
import { offered, startExampleEndpoint } from './example-functions.ts';

/** A call of the orchestrator as it arrives: what an agent asked for. */
export interface ArrivedCall {
  readonly action: string;
  readonly agentId: string | undefined;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Looks at each call before the orchestrator runs; it may wait, or throw in the orchestrator's place. */
export type Interception = (call: ArrivedCall) => void | Promise<void>;

/** An agent process of a test. */
export interface TestAgent {
  readonly id: string;
  readonly process: ChildProcess;
  /** What the agent has logged so far. */
  log(): string;
  /** Resolves with the exit status, or the signal's name. */
  readonly ended: Promise<number | string | null>;
}

/** Both functions with a catalog of their own behind an endpoint, and agents as processes. */
export interface Harness {
  readonly folder: DataFolder;
  /** What is done with each call; a test sets it. */
  intercept: Interception;
  readonly orchestrator: ActionCaller<typeof orchestratorActions>;
  readonly recovery: ActionCaller<typeof recoveryActions>;
  readonly repository: { readonly location: string; readonly password_secret: string };
  /**
   * Sets how many bytes a second agents transfer that start from now on, so that work is surely under way when a test
   * interferes with it. Null for no limit. Agents that run follow about a second later.
   */
  limitTransfers(rate: string | null): void;
  startAgent(id: string): TestAgent;
  /** Closes the endpoint, and opens it anew on the same port. */
  closeEndpoint(): Promise<void>;
  openEndpoint(): Promise<void>;
  /** Waits until a job or a recovery has ended. */
  endedJob(backupId: JobView['backup_id']): Promise<JobView>;
  endedRecovery(recoveryId: RecoveryView['recovery_id']): Promise<RecoveryView>;
  close(): Promise<void>;
}

const names = functionNames(defaultStackName);
const silent: FunctionLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const noMetrics = { addMetric: () => undefined, hasStoredMetrics: () => false, publishStoredMetrics: () => undefined };
/** The shortest lease that the contract allows, so that a test waits no longer than it must for one to end. */
const settings = { poll_seconds: 0.2, lease_seconds: 5, progress_seconds: 0.2 };
const waitLimit = { timeout: 120_000, interval: 50 };

export async function startHarness(): Promise<Harness> {
  const directory = temporaryDirectory('agents');
  const folder = dataFolderAt(join(directory.path, 'data'));
  mkdirSync(folder.path);
  layOutDataFolder(folder);
  const catalog = await connectCatalog({ engine: 'sqlite', file: folder.catalog });
  const services = { catalog, clock: systemClock, log: silent, metrics: noMetrics };
  const orchestrate = createOrchestrator(services);
  const agents: TestAgent[] = [];

  const intercepted: FunctionHandler = async (event, context) => {
    const { action, agent_id: agentId } = event as { action: string; agent_id?: string };
    await harness.intercept({ action, agentId, event: event as Record<string, unknown> });
    return orchestrate(event, context);
  };
  const functions = [offered(names.orchestrator, intercepted), offered(names.recovery, createRecovery(services))];
  let endpoint: LambdaEndpoint = await startExampleEndpoint(functions);
  const { port, url } = endpoint;
  const client = createInvokeClient({ endpointUrl: url, region: 'us-east-1' });

  const harness: Harness = {
    folder,
    intercept: () => undefined,
    orchestrator: actionCaller(client, names.orchestrator, orchestratorActions),
    recovery: actionCaller(client, names.recovery, recoveryActions),
    repository: { location: folder.repository, password_secret: repositorySecret },
    limitTransfers: (rate) => {
      const rules = rate === null ? [] : [rate];
      writeFileSync(folder.settings, JSON.stringify({ ...settings, limit_upload: rules, limit_download: rules }));
    },
    startAgent: (id) => {
      const agent = spawnAgent(id, folder, url);
      agents.push(agent);
      onTestFailed(() => {
        console.error(`what ${id} wrote:\n${agent.log()}`);
      });
      return agent;
    },
    closeEndpoint: () => endpoint.stop(),
    openEndpoint: async () => {
      endpoint = await startExampleEndpoint(functions, { port });
    },
    endedJob: async (backup_id) => {
      let job: JobView | undefined;
      await expect
        .poll(async () => (job = (await harness.orchestrator('get_job', { backup_id })).job).status, waitLimit)
        .toMatch(/completed|failed/);
      return required(job);
    },
    endedRecovery: async (recovery_id) => {
      let recovery: RecoveryView | undefined;
      await expect
        .poll(async () => (recovery = (await harness.recovery('progress', { recovery_id })).recovery).status, waitLimit)
        .toMatch(/completed|failed|cancelled/);
      return required(recovery);
    },
    close: async () => {
      for (const agent of agents) agent.process.kill('SIGKILL');
      await Promise.all(agents.map((agent) => agent.ended));
      client.close();
      await endpoint.stop();
      await catalog.close();
      directory.remove();
    },
  };
  harness.limitTransfers(null);
  await orchestrate({ action: 'migrate' }, { awsRequestId: 'migrate' });
  return harness;
}

/** Registers a source and a target below the data folder's parent, and answers their folders. */
export async function registerSystems(harness: Harness): Promise<{ readonly source: string; readonly target: string }> {
  const source = join(harness.folder.path, '../source');
  const target = join(harness.folder.path, '../target');
  mkdirSync(source);
  const { orchestrator, repository } = harness;
  await orchestrator('register_source', {
    source_system: 'web-01',
    settings: { kind: 'filesystem', path: source },
    repository,
  });
  await orchestrator('register_target', { target_system: 'web-02', settings: { kind: 'filesystem', path: target } });
  return { source, target };
}

function spawnAgent(id: string, folder: DataFolder, url: string): TestAgent {
  const child = spawn(process.execPath, [createRequire(import.meta.url).resolve('@enterprise-backup/agent/main')], {
    env: {
      AWS_REGION: 'us-east-1',
      BACKUP_AGENT_ID: id,
      BACKUP_ENDPOINT_URL: url,
      BACKUP_SECRETS_FOLDER: folder.secrets,
      BACKUP_SETTINGS_FILE: folder.settings,
      BACKUP_STACK_NAME: defaultStackName,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string | null);
  return { id, process: child, log: () => log, ended };
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('nothing was read');
  return value;
}

/** The password of the harness's repository, for a stock restic. */
export function passwordFile(folder: DataFolder): string {
  const path = join(folder.secrets, repositorySecret);
  readFileSync(path);
  return path;
}
