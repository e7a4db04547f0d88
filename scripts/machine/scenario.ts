import { chownSync, globSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { startPlatform, type Platform } from '@enterprise-backup/local/platform';
import { connectPlatform } from '@enterprise-backup/local/platform-client';
import {
  startForwarder,
  startMetadataService,
  startMoto,
  startRecorder,
  type Moto,
  type RecordedCall,
} from './aws-on-loopback.ts';
import type { MachineRootSettings } from './machine-root.ts';
import { Machine, type AgentProcess, type Boot } from './machine.ts';
import { differences, systemState } from './system-state.ts';
import { until } from './until.ts';

/** What the scenario is started with, as JSON. */
export interface ScenarioSettings extends Omit<MachineRootSettings, 'folder'> {
  readonly checkout: string;
  /** Empty folder for everything that the scenario makes. */
  readonly folder: string;
  /** Python that has moto. */
  readonly motoPython: string;
  /** The agent's archive for this architecture. */
  readonly archive: string;
}

/** What was seen. */
export interface ScenarioReport {
  readonly first: Boot;
  /** The agent's log up to the end of its first tasks. */
  readonly log: string;
  readonly shippedLogs: string;
  readonly agent: AgentProcess;
  /** Owner, mode and content of the file that was backed up and recovered. */
  readonly restored: string;
  readonly restart: { readonly changed: readonly string[] };
  readonly second: Boot & { readonly changed: readonly string[]; readonly isSameProcess: boolean };
  /** When Spot took the instance while the agent worked; `jobStatus` is the job's after the task was given back. */
  readonly end: {
    readonly jobStatus: string;
    readonly exitStatus: string;
    readonly log: string;
    readonly calls: readonly RecordedCall[];
  };
  readonly withoutArchive: Boot;
  readonly withoutPackages: Boot;
}

const artifactsBucket = 'artifacts';
const repositoryBucket = 'backups';
const onlyForItsOwner = { uid: 1234, mode: 0o600 };

const clientOf = (endpoint: string) => ({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

const changeSettings = async (endpoint: string, Value: string): Promise<void> => {
  const parameter = { Name: '/enterprise-backup-dr-platform/agent-settings', Type: 'String', Overwrite: true } as const;
  await new SSMClient(clientOf(endpoint)).send(new PutParameterCommand({ ...parameter, Value }));
};

/** Puts into AWS what the stack has there before its first instance; returns the name of the repository's secret. */
const fillAws = async (endpoint: string, archive: string): Promise<string> => {
  const client = clientOf(endpoint);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  for (const Bucket of [artifactsBucket, repositoryBucket]) await s3.send(new CreateBucketCommand({ Bucket }));
  const object = { Bucket: artifactsBucket, Key: `current/${basename(archive)}`, Body: readFileSync(archive) };
  await s3.send(new PutObjectCommand(object));
  await changeSettings(endpoint, '{"poll_seconds": 0.2}');
  const secret = { Name: 'repository', SecretString: 'a password of the repository' };
  const { ARN = '' } = await new SecretsManagerClient(client).send(new CreateSecretCommand(secret));
  return ARN;
};

/** Backs a folder of the machine up and recovers it beside; returns owner, mode and content of the recovered file. */
const backUpAndRecover = async (
  { endpointUrl }: Platform,
  machine: Machine,
  repository: { readonly location: string; readonly password_secret: string },
): Promise<string> => {
  const source = join(machine.root, 'srv/data/report.txt');
  mkdirSync(join(source, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(source, 'for its owner only\n', { mode: onlyForItsOwner.mode });
  for (const path of [source, join(source, '..')]) chownSync(path, onlyForItsOwner.uid, onlyForItsOwner.uid);

  const { orchestrator, recovery, ...connection } = connectPlatform({ endpointUrl });
  const folderAt = (path: string) => ({ kind: 'filesystem', path }) as const;
  await orchestrator('register_source', { source_system: 'web-01', settings: folderAt('/srv/data'), repository });
  await orchestrator('register_target', { target_system: 'web-02', settings: folderAt('/srv/target') });
  const { backup_id } = (await orchestrator('start_backup', { source_system: 'web-01', backup_type: 'full' })).job;
  const jobStatus = async (): Promise<string> => (await orchestrator('get_job', { backup_id })).job.status;
  await until('the backup', async () => (await jobStatus()) === 'completed', machine.log);
  const started = await recovery('start', { backup_id, target_system: 'web-02' });
  const { recovery_id } = started.recovery;
  const recoveryStatus = async (): Promise<string> => (await recovery('progress', { recovery_id })).recovery.status;
  await until('the recovery', async () => (await recoveryStatus()) === 'completed', machine.log);
  connection.close();
  const [path = ''] = globSync('srv/target/**/report.txt', { cwd: machine.root });
  const { uid, mode } = lstatSync(join(machine.root, path));
  return `${uid} ${(mode & 0o777).toString(8)} ${machine.read(path)}`;
};

/**
 * Has the agent work on a backup that cannot end, announces that Spot takes the instance, and that Auto Scaling then ends
 * it. Returns the state of the job between the two.
 */
const takeInstanceAway = async (
  { endpointUrl }: Platform,
  machine: Machine,
  moto: Moto,
  announced: Map<string, string>,
): Promise<string> => {
  const { orchestrator, ...connection } = connectPlatform({ endpointUrl });
  moto.halt();
  const { backup_id } = (await orchestrator('start_backup', { source_system: 'web-01', backup_type: 'full' })).job;
  const statusOf = async (): Promise<string> => (await orchestrator('get_job', { backup_id })).job.status;
  await until('the start of the work', async () => (await statusOf()) === 'running', machine.log);
  announced.set('spot/instance-action', '{"action": "terminate", "time": "2026-11-23T03:02:00Z"}');
  await until('the return of the task', () => machine.log().includes('the agent has drained'), machine.log);
  const status = await statusOf();
  connection.close();
  moto.goOn();
  announced.set('autoscaling/target-lifecycle-state', 'Terminated');
  await until('the end of the agent', () => machine.exitStatus() !== '', machine.log);
  return status;
};

const runScenario = async (settings: ScenarioSettings): Promise<ScenarioReport> => {
  const moto = await startMoto(settings.motoPython);
  const announced = new Map<string, string>();
  await startMetadataService(announced);
  const dataFolder = join(settings.folder, 'platform');
  const platform = await startPlatform({ dataFolder, port: 0, clock: systemClock, agents: 0 });
  const password_secret = await fillAws(moto.endpoint, settings.archive);
  const lambda = await startForwarder(platform.endpointUrl);
  const newMachine = async (name: string): Promise<Machine> => {
    const recorded: RecordedCall[] = [];
    const recorder = await startRecorder(recorded);
    const endpoints = {
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ENDPOINT_URL_AUTO_SCALING: recorder,
      AWS_ENDPOINT_URL_CLOUDFORMATION: recorder,
      AWS_ENDPOINT_URL_LAMBDA: lambda,
    };
    return new Machine(name, { ...settings, recorded, endpoints });
  };

  const machine = await newMachine('machine');
  const first = await machine.boot(artifactsBucket);
  if (first.status !== 0) throw new Error(`the first boot failed:\n${first.output}\n${machine.log()}`);
  const shippedLogs = machine.read('etc/backup-agent/cloudwatch-agent.json');
  const location = `s3:${moto.endpoint}/${repositoryBucket}/repository`;
  const restored = await backUpAndRecover(platform, machine, { location, password_secret });
  const log = machine.log();
  const installed = systemState(machine.root);

  await machine.restart();
  await changeSettings(moto.endpoint, '{"poll_seconds": 0.1}');
  const restart = { changed: differences(installed, systemState(machine.root)) };
  const agent = await machine.agentProcess();
  const pid = machine.pid();
  const again = await machine.boot(artifactsBucket);
  const second = {
    ...again,
    changed: differences(installed, systemState(machine.root)),
    isSameProcess: machine.pid() === pid,
  };

  const bare = await newMachine('without-packages');
  writeFileSync(join(bare.root, 'etc/no-packages'), '');
  const [withoutArchive, withoutPackages] = await Promise.all([
    newMachine('without-archive').then((other) => other.boot(artifactsBucket, 'absent/agent')),
    bare.boot(artifactsBucket),
    until('the new settings', () => machine.log().includes('"poll_seconds":0.1'), machine.log),
  ]);

  const before = machine.recorded.length;
  const jobStatus = await takeInstanceAway(platform, machine, moto, announced);
  const calls = machine.recorded.slice(before);
  const end = { jobStatus, exitStatus: machine.exitStatus(), log: machine.log(), calls };
  await platform.stop();
  return { first, log, shippedLogs, agent, restored, restart, second, end, withoutArchive, withoutPackages };
};

const [settingsText = '{}', reportFile = ''] = process.argv.slice(2);
writeFileSync(reportFile, JSON.stringify(await runScenario(JSON.parse(settingsText) as ScenarioSettings)));
process.exit(0);
