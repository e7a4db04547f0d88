import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a root is made of. */
export interface MachineRootSettings {
  /** Empty folder, on which the root is mounted. */
  readonly folder: string;
  /** Tree of a fresh system that debootstrap made; null for programs and libraries of this machine, and nothing else of it. */
  readonly base: string | null;
  /** Folders of this machine that hold the AWS CLI, which an image of Amazon Linux has. */
  readonly awsCli: { readonly environment: string; readonly python: string };
}

const standIns = join(import.meta.dirname, 'amazon-linux');

const mount = (...args: readonly string[]): void => {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Shows `path` of this machine in the root. */
const showFolder = (root: string, path: string): void => {
  mkdirSync(join(root, path), { recursive: true });
  mount('--bind', path, join(root, path));
};

/** A fresh system with this machine's programs: nothing of its /etc, /var, /opt, /home or /usr/local is in it. */
const mountHostPrograms = (root: string): void => {
  mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', root);
  for (const name of [
    'etc',
    'var/log',
    'var/lib',
    'var/tmp',
    'home',
    'root',
    'opt',
    'mnt',
    'srv',
    'usr',
    '.usr/upper',
  ]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  mkdirSync(join(root, '.usr/work'));
  const layers = `lowerdir=/usr,upperdir=${root}/.usr/upper,workdir=${root}/.usr/work`;
  mount('-t', 'overlay', '-o', layers, 'overlay', join(root, 'usr'));
  mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', join(root, 'usr/local'));
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    if (!existsSync(`/${name}`)) continue;
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    else showFolder(root, `/${name}`);
  }
  for (const name of ['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'alternatives', 'login.defs']) {
    if (existsSync(`/etc/${name}`))
      cpSync(`/etc/${name}`, join(root, 'etc', name), { recursive: true, verbatimSymlinks: true });
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/shadow'), 'root:*:1::::::\n', { mode: 0o640 });
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files\n');
};

const mountBase = (root: string, base: string): void => {
  mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', root);
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(root, name));
  mount('-t', 'overlay', '-o', `lowerdir=${base},upperdir=${root}/upper,workdir=${root}/work`, 'overlay', root);
};

/** A /dev of its own: whatever becomes of the root's, this machine's stays. */
const makeDevices = (folder: string): void => {
  mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', folder);
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, full: 7, random: 8, urandom: 9 })) {
    execFileSync('mknod', ['--mode=0666', join(folder, name), 'c', '1', String(minor)]);
  }
  for (const [name, target] of Object.entries({ fd: '', stdin: '/0', stdout: '/1', stderr: '/2' })) {
    symlinkSync(`/proc/self/fd${target}`, join(folder, name));
  }
};

/**
 * Mounts a fresh root on `folder`, which goes with this process's mount namespace: a system without a trace of earlier
 * ones, with what stands for the parts of Amazon Linux 2023 that cannot run here.
 */
export const mountMachineRoot = ({ folder, base, awsCli }: MachineRootSettings): void => {
  if (base === null) mountHostPrograms(folder);
  else mountBase(folder, base);
  for (const name of ['dev', 'proc', 'run', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
  makeDevices(join(folder, 'dev'));
  mount('-t', 'proc', 'proc', join(folder, 'proc'));
  mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', join(folder, 'run'));
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(folder, 'etc/fstab'), '');

  for (const name of ['bin', 'share']) mkdirSync(join(folder, 'usr/local', name), { recursive: true });
  for (const name of ['dnf', 'ec2-metadata', 'rpm', 'systemctl']) {
    copyFileSync(join(standIns, name), join(folder, 'usr/local/bin', name));
  }
  for (const name of ['amazon-cloudwatch-agent-ctl', 'mount.efs', 'service-sandbox']) {
    copyFileSync(join(standIns, name), join(folder, 'usr/local/share', name));
  }
  showFolder(folder, awsCli.environment);
  if (!awsCli.python.startsWith('/usr/')) showFolder(folder, awsCli.python);
  writeFileSync(
    join(folder, 'usr/local/bin/aws'),
    `#!/bin/sh\nexec ${awsCli.environment}/bin/python -m awscli "$@"\n`,
    { mode: 0o755 },
  );
};
