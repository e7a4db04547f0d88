import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { machine as machineName } from 'node:os';
import { dirname, join } from 'node:path';
import { pythonEnvironment } from '@enterprise-backup/test-support/python-environment';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAgentArchive, type Architecture } from '../bundles/agent-archive.ts';
import { bundleDefinitions } from '../bundles/bundle-definitions.ts';
import { makeBundle } from '../bundles/make-bundle.ts';
import { AWSCLI_REQUIREMENT } from '../tests/install-system-parts.ts';
import { rootBase } from './root-base.ts';
import type { ScenarioReport, ScenarioSettings } from './scenario.ts';

const checkout = dirname(dirname(import.meta.dirname));
const folder = temporaryDirectory('machine');
const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Whether this process may make namespaces, and an overlay over this machine's programs in them. */
const canMakeMachines = (): boolean => {
  if (process.platform !== 'linux' || !isRoot) return false;
  const script = `mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work" "$0/usr" &&
    mount -t overlay -o "lowerdir=/usr,upperdir=$0/upper,workdir=$0/work" overlay "$0/usr" && setpriv --version`;
  return spawnSync('unshare', [...namespaces, 'sh', '-c', script, folder.path]).status === 0;
};

const possible = canMakeMachines();
if (!possible) console.warn('UserData is not executed: that takes root, namespaces and overlays on Linux.');
/** Folder of the programs of a Python environment; null where it cannot be had. */
const programsOf = async (name: string, requirement: string): Promise<string | null> =>
  possible ? (await pythonEnvironment(name, [requirement])).bin : null;
const moto = await programsOf('moto-server-5.2.5', 'moto[server]==5.2.5');
const awsCli = await programsOf('awscli', AWSCLI_REQUIREMENT);

let report: ScenarioReport;

describe.skipIf(moto === null || awsCli === null)('the UserData of main.yaml, executed', () => {
  beforeAll(async () => {
    const definition = bundleDefinitions.find(({ name }) => name === 'agent');
    if (definition === undefined || moto === null || awsCli === null) throw new Error('something is missing');
    const bundle = await makeBundle(checkout, definition, folder.path);
    const { name } = await makeAgentArchive(checkout, bundle, machineName() as Architecture, folder.path);
    const prefix = [join(awsCli, 'python'), ['-c', 'import sys; print(sys.base_prefix)']] as const;
    const settings: ScenarioSettings = {
      checkout,
      folder: join(folder.path, 'machines'),
      base: rootBase(),
      awsCli: { environment: dirname(awsCli), python: execFileSync(...prefix, { encoding: 'utf8' }).trim() },
      motoPython: join(moto, 'python'),
      archive: join(folder.path, name),
    };
    mkdirSync(settings.folder);
    const reportFile = join(folder.path, 'report.json');
    const scenario = [join(import.meta.dirname, 'scenario.ts'), JSON.stringify(settings), reportFile];
    const program = [process.execPath, '--disable-warning=ExperimentalWarning', ...scenario];
    execFileSync('unshare', [...namespaces, ...program], { stdio: ['ignore', 'ignore', 'inherit'], cwd: checkout });
    report = JSON.parse(readFileSync(reportFile, 'utf8')) as ScenarioReport;
  }, 600_000);

  afterAll(() => {
    folder.remove();
  });

  it('brings the agent up and says so to CloudFormation', () => {
    const { first, log } = report;
    expect(first.output).toMatch(/the agent is at work\n$/);
    expect(first.signals).toMatchObject([
      {
        StackName: 'enterprise-backup-dr-platform',
        LogicalResourceId: 'AgentGroup',
        UniqueId: 'i-0123456789abcdef0',
        Status: 'SUCCESS',
      },
    ]);
    expect(log).toContain('"kinds":["backup","recovery","verify"]');
  });

  it('reads its settings from Parameter Store', () => {
    expect(report.log).toMatch(/"the settings are in force".*"poll_seconds":0.2/);
  });

  it('claims tasks and finishes them, on files that are not its own', () => {
    expect(report.restored).toBe('1234 600 for its owner only\n');
  });

  it('runs its own Node as its own user, with the rights that the work takes', () => {
    expect(report.agent).toEqual({
      executable: '/opt/backup-agent/node/bin/node',
      users: '7400\t7400\t7400\t7400',
      // CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID and CAP_SETFCAP.
      capabilities: { effective: '000000008000001f', bounding: '000000008000001f' },
      noNewPrivileges: '1',
      written: ['/srv'],
    });
  });

  it('mounts the shared file system encrypted, and ships its logs to the group of the stack', () => {
    const { calls } = report.first;
    expect(calls).toContainEqual(expect.stringMatching(/^mount\.efs fs-0123456789abcdef0:\/ .*tls,iam/));
    expect(calls).toContainEqual(expect.stringContaining('-c file:/etc/backup-agent/cloudwatch-agent.json'));
    const { logs } = JSON.parse(report.shippedLogs) as {
      readonly logs: { readonly logs_collected: { readonly files: { readonly collect_list: readonly object[] } } };
    };
    expect(logs.logs_collected.files.collect_list).toMatchObject(
      ['agent', 'install'].map((name) => ({
        file_path: `/var/log/backup-agent/${name}.log`,
        log_group_name: '/enterprise-backup-dr-platform/backup-agent',
      })),
    );
  });

  it('comes up again after the power went, and nothing is changed', () => {
    expect(report.restart.changed).toEqual([]);
  });

  it('changes nothing when the script runs again, and leaves the agent at work', () => {
    const { second } = report;
    expect(second).toMatchObject({ status: 0, changed: [], isSameProcess: true });
    expect(second.signals).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(second.calls.filter((call) => /^dnf|^mount|restart/.test(call))).toEqual([]);
  });

  it('takes changed settings from Parameter Store while it runs', () => {
    expect(report.end.log).toMatch(/"the settings are in force".*"poll_seconds":0.1/);
  });

  it('gives its task back when Spot takes the instance, and lets Auto Scaling end it', () => {
    const { jobStatus, exitStatus, log, calls } = report.end;
    expect(log).toContain('the work was stopped and given back');
    expect(log).toMatch(/"service":"enterprise-backup-dr-platform-backup-agent","TasksGivenBack":1/);
    expect(jobStatus).toBe('pending');
    expect(exitStatus).toBe('0');
    expect(calls).toMatchObject([
      {
        Action: 'CompleteLifecycleAction',
        AutoScalingGroupName: 'enterprise-backup-dr-platform-backup-agents-asg',
        InstanceId: 'i-0123456789abcdef0',
        LifecycleActionResult: 'CONTINUE',
        LifecycleHookName: 'drain',
      },
    ]);
  });

  it('says what failed and signals it: the download', () => {
    const { status, output, signals } = report.withoutArchive;
    expect(status).not.toBe(0);
    const archive = `s3://artifacts/absent/agent-${machineName()}.tar.gz`;
    expect(output.trimEnd().split('\n').at(-1)).toBe(
      `backup-agent: first boot failed: ${archive} cannot be fetched and unpacked`,
    );
    expect(signals).toMatchObject([{ Action: 'SignalResource', LogicalResourceId: 'AgentGroup', Status: 'FAILURE' }]);
  });

  it('says what failed and signals it: the packages of the system', () => {
    const { status, output, signals } = report.withoutPackages;
    expect(status).not.toBe(0);
    expect(output).toContain('backup-agent: the installation failed at this step: packages of the system');
    expect(signals).toMatchObject([{ Status: 'FAILURE' }]);
  });
});
