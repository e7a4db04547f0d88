import { existsSync, globSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedCall } from './aws-on-loopback.ts';
import { bootScript } from './boot-script.ts';
import { mountMachineRoot, type MachineRootSettings } from './machine-root.ts';
import { runProgram, type Ended } from './run-program.ts';
import { until } from './until.ts';

/** Where a machine finds what it needs. */
export interface MachineSettings extends Omit<MachineRootSettings, 'folder'> {
  readonly checkout: string;
  /** Folder under which roots are mounted. */
  readonly folder: string;
  /** Variables that lead the AWS CLI and the agent to loopback. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Calls of this machine that CloudFormation and Auto Scaling got, newest last. */
  readonly recorded: readonly RecordedCall[];
}

/** How a boot ended. */
export interface Boot extends Ended {
  /** Signals that CloudFormation got. */
  readonly signals: readonly RecordedCall[];
  /** Calls of programs that stand for parts of Amazon Linux. */
  readonly calls: readonly string[];
}

/** What the kernel says of the agent's process. */
export interface AgentProcess {
  readonly executable: string;
  /** Real, effective, saved and file system user. */
  readonly users: string;
  readonly capabilities: { readonly effective: string; readonly bounding: string };
  readonly noNewPrivileges: string;
  /** What root itself could write where the agent sees it. */
  readonly written: readonly string[];
}

const stackName = 'enterprise-backup-dr-platform';
const unit = 'backup-agent.service';

/** An instance in a root of its own. */
export class Machine {
  readonly root: string;
  readonly recorded: readonly RecordedCall[];
  readonly #settings: MachineSettings;

  constructor(name: string, settings: MachineSettings) {
    this.#settings = settings;
    this.recorded = settings.recorded;
    this.root = join(settings.folder, name);
    mkdirSync(this.root);
    mountMachineRoot({ ...settings, folder: this.root });
    const dropIns = `etc/systemd/system/${unit}.d`;
    mkdirSync(join(this.root, dropIns), { recursive: true });
    const variables = Object.entries(settings.endpoints).map(([key, value]) => `Environment=${key}=${value}\n`);
    writeFileSync(join(this.root, dropIns, 'loopback.conf'), `[Service]\n${variables.join('')}`);
  }

  /** Runs the UserData of main.yaml, as cloud-init does at the first boot. */
  async boot(bucket: string, agentArchive = 'current/agent'): Promise<Boot> {
    const { checkout, endpoints } = this.#settings;
    const script = bootScript(checkout, 'main.yaml', 'AgentTemplate', {
      'AWS::Region': 'us-east-1',
      'AWS::StackName': stackName,
      FileSystem: 'fs-0123456789abcdef0',
      Bucket: bucket,
      AgentArchive: agentArchive,
    });
    writeFileSync(join(this.root, 'run/user-data'), script, { mode: 0o700 });
    rmSync(join(this.root, 'run/calls'), { force: true });
    const before = this.recorded.length;
    const ended = await runProgram('chroot', [this.root, '/bin/bash', '/run/user-data'], endpoints);
    return { ...ended, signals: this.recorded.slice(before), calls: this.read('run/calls').trim().split('\n') };
  }

  /** Cuts the power, and does what a boot does by itself: mounts of /etc/fstab, and units that are enabled. */
  async restart(): Promise<void> {
    process.kill(Number(this.pid()), 'SIGKILL');
    await until('the end of the agent', () => this.exitStatus() !== '');
    await runProgram('umount', [join(this.root, 'var/lib/backup-agent/shared')]);
    await runProgram('umount', [join(this.root, 'run')]);
    await runProgram('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', join(this.root, 'run')]);
    await runProgram('chroot', [this.root, 'mount', '-a']);
    for (const enabled of globSync('*', { cwd: join(this.root, 'etc/systemd/system/multi-user.target.wants') })) {
      await runProgram('chroot', [this.root, 'systemctl', 'start', enabled]);
    }
    await until('the start of the agent', () => existsSync(join(this.root, 'run/backup-agent/ready')), this.log);
  }

  /** The text of a file of the machine; empty when there is none. */
  read(path: string): string {
    const place = join(this.root, path);
    return existsSync(place) ? readFileSync(place, 'utf8') : '';
  }

  readonly log = (): string => this.read('var/log/backup-agent/agent.log');

  /** Process id of the agent that was started last. */
  pid(): string {
    return this.read(`run/${unit}.pid`).trim();
  }

  /** Exit status of that process; empty while it runs. */
  exitStatus(): string {
    return this.read(`run/${unit}.status`).trim();
  }

  async agentProcess(): Promise<AgentProcess> {
    const pid = this.pid();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const line = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    const view = [`--target=${pid}`, '--mount', `--root=/proc/${pid}/root`];
    const written = [];
    for (const folder of ['/etc', '/opt/backup-agent', '/root', '/usr/bin', '/var/lib', '/run', '/srv']) {
      if ((await runProgram('nsenter', [...view, 'touch', `${folder}/written`])).status === 0) written.push(folder);
    }
    return {
      executable: readlinkSync(`/proc/${pid}/exe`).replace(this.root, ''),
      users: line('Uid'),
      capabilities: { effective: line('CapEff'), bounding: line('CapBnd') },
      noNewPrivileges: line('NoNewPrivs'),
      written,
    };
  }
}
