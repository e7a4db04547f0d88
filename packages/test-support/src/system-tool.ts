import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { toolFolders } from './environment.ts';

export { awscliEnvironment } from './environment.ts';

interface Tool {
  /** Arguments with which the tool answers harmlessly with exit code 0; none for a script that has no such call. */
  readonly probe?: readonly string[];
  readonly debianPackage: string;
}

const TOOLS = {
  aws: { probe: ['--version'], debianPackage: 'awscli' },
  getfacl: { probe: ['--version'], debianPackage: 'acl' },
  getfattr: { probe: ['--version'], debianPackage: 'attr' },
  'mariadb-install-db': { debianPackage: 'mariadb-server-core' },
  mariadbd: { probe: ['--no-defaults', '--version'], debianPackage: 'mariadb-server-core' },
  python3: { probe: ['-c', 'import venv, ensurepip'], debianPackage: 'python3-venv' },
  restic: { probe: ['version'], debianPackage: 'restic' },
  setfacl: { probe: ['--version'], debianPackage: 'acl' },
  setfattr: { probe: ['--version'], debianPackage: 'attr' },
  shellcheck: { probe: ['--version'], debianPackage: 'shellcheck' },
  'systemd-analyze': { probe: ['--version'], debianPackage: 'systemd' },
} as const satisfies Record<string, Tool>;

/** A program of the machine that some tests need. `python3` stands for a Python that can make virtual environments. */
export type ToolName = keyof typeof TOOLS;

/** Every tool that a test may ask for, in alphabetical order. */
export const toolNames = Object.keys(TOOLS) as ToolName[];

/** The Debian/Ubuntu package that brings `name`. */
export const debianPackageOf = (name: ToolName): string => TOOLS[name].debianPackage;

/** Whether this process runs as root: devices, owners and some extended attributes can be made by root only. */
export const isRoot = process.getuid?.() === 0;

const isExecutableFile = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const works = (path: string, tool: Tool): boolean =>
  isExecutableFile(path) &&
  (tool.probe === undefined || spawnSync(path, tool.probe, { stdio: 'ignore', timeout: 60_000 }).status === 0);

const found = new Map<ToolName, string | undefined>();

/**
 * The absolute path of `name` when it is there and works (it answered a harmless call with exit code 0), else
 * undefined. Looks in PATH and in the system's sbin folders; the answer is kept for the process.
 */
export const toolPath = (name: ToolName): string | undefined => {
  if (!found.has(name)) {
    const path = toolFolders()
      .map((folder) => join(folder, name))
      .find((candidate) => works(candidate, TOOLS[name]));
    found.set(name, path);
  }
  return found.get(name);
};

/** Forgets what was looked for, after tools were installed. */
export const lookForToolsAgain = (): void => {
  found.clear();
};

/**
 * Whether `name` can be used on this machine. A test that needs it is skipped where it cannot:
 * `describe.skipIf(!hasTool('restic'))('interoperability with restic', …)`. The test command's closing lines name every
 * tool that was missing.
 */
export const hasTool = (name: ToolName): boolean => toolPath(name) !== undefined;
