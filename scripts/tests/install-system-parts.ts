import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  awscliEnvironment,
  debianPackageOf,
  hasTool,
  isRoot,
  lookForToolsAgain,
  toolNames,
  toolPath,
  type ToolName,
} from '@enterprise-backup/test-support/system-tool';

/** Some releases of Debian and Ubuntu have no awscli; PyPI has this one, of the same major version as Debian's older. */
export const AWSCLI_REQUIREMENT = 'awscli==1.46.3';

/** A Debian package that tests wanted and that could not be had. */
export interface MissingPart {
  readonly debianPackage: string;
  /** The programs of it that are missing. */
  readonly tools: readonly ToolName[];
}

const run = (command: string, args: readonly string[]): boolean => {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 300_000,
  });
  if (result.status === 0) return true;
  const output = result.error === undefined ? `${result.stdout}${result.stderr}` : result.error.message;
  console.log(`${[command, ...args].join(' ')} failed:\n${output.trim().split('\n').slice(-8).join('\n')}`);
  return false;
};

const missing = (): ToolName[] => toolNames.filter((name) => !hasTool(name));

const debianPackages = (tools: readonly ToolName[]): string[] => [...new Set(tools.map(debianPackageOf))].toSorted();

const installWithApt = (): void => {
  const install = (packages: readonly string[]): boolean =>
    run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...packages]);
  const wanted = debianPackages(missing());
  console.log(`Installing with apt-get what tests need: ${wanted.join(', ')}.`);
  run('apt-get', ['update', '--quiet']);
  if (!install(wanted) && wanted.length > 1) {
    // One package that this release does not have must not keep the others away.
    for (const name of wanted) install([name]);
  }
  lookForToolsAgain();
};

const installAwscliFromPypi = (): void => {
  const python = toolPath('python3');
  if (python === undefined) return;
  console.log('Installing the AWS CLI from PyPI into node_modules/.cache.');
  const installed =
    run(python, ['-m', 'venv', awscliEnvironment]) &&
    run(join(awscliEnvironment, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      AWSCLI_REQUIREMENT,
    ]);
  if (!installed) rmSync(awscliEnvironment, { recursive: true, force: true });
  lookForToolsAgain();
};

/**
 * Installs the programs that tests need and this machine lacks: with apt-get where this process is root on Debian or
 * Ubuntu, the AWS CLI else from PyPI. What is there is taken as it is, and no service is started: the MariaDB package is
 * the one without it. Returns what is missing all the same; the tests that need it skip themselves.
 */
export const installSystemParts = (): MissingPart[] => {
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (missing().length > 0 && isRoot && hasApt) installWithApt();
  if (!hasTool('aws')) installAwscliFromPypi();
  return debianPackages(missing()).map((debianPackage) => ({
    debianPackage,
    tools: missing().filter((tool) => debianPackageOf(tool) === debianPackage),
  }));
};
