import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasTool, toolPath, type ToolName } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { bootScript } from './boot-script.ts';

const checkout = dirname(dirname(import.meta.dirname));
const shipped = join(checkout, 'packages/agent/machine');

const run = (tool: ToolName, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(toolPath(tool) ?? tool, args, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};

const clean = { status: 0, output: '' };

const values = {
  'AWS::Region': 'us-east-1',
  'AWS::StackName': 'stack',
  PlatformStack: 'stack',
  FileSystem: 'fs-1',
  Bucket: 'artifacts',
  AgentArchive: 'current/agent',
};

it('gives the instances of both templates what the installer asks for', () => {
  const agents = bootScript(checkout, 'main.yaml', 'AgentTemplate', values);
  const maintenance = bootScript(checkout, 'maintenance.yaml', 'MaintenanceTemplate', values);
  const installer = readFileSync(join(shipped, 'install.sh'), 'utf8');
  const asked = [...installer.matchAll(/"\$\{([A-Z_]+):\?\}"/g)].map(([, name]) => name);
  expect(asked).toContain('FILE_SYSTEM');
  for (const name of asked) {
    expect(agents).toMatch(new RegExp(`^export .*\\b${String(name)}=\\S`, 'm'));
    expect(maintenance).toMatch(new RegExp(`^export .*\\b${String(name)}=\\S`, 'm'));
  }
  expect(maintenance).toContain('WORK_KINDS=forget');
});

describe.skipIf(!hasTool('shellcheck'))('shellcheck', () => {
  it('has nothing to say of the installer, and of what stands for Amazon Linux in tests', () => {
    const standIns = globSync('*', { cwd: join(import.meta.dirname, 'amazon-linux') });
    expect(standIns.length).toBeGreaterThan(5);
    const scripts = [
      join(shipped, 'install.sh'),
      join(shipped, 'amazon-linux.sh'),
      ...standIns.map((name) => join(import.meta.dirname, 'amazon-linux', name)),
    ];
    expect(run('shellcheck', '--external-sources', `--source-path=${shipped}`, ...scripts)).toEqual(clean);
  });

  it.each([
    ['main.yaml', 'AgentTemplate'],
    ['maintenance.yaml', 'MaintenanceTemplate'],
  ])('has nothing to say of the UserData in %s', (template, launchTemplate) => {
    const script = join(temporaryDirectoryForTest('user-data'), 'user-data.sh');
    writeFileSync(script, bootScript(checkout, template, launchTemplate, values));
    // The words that CloudFormation fills in have no spaces.
    expect(run('shellcheck', '--exclude=SC2046,SC2086', script)).toEqual(clean);
  });
});

describe.skipIf(!hasTool('systemd-analyze'))('systemd', () => {
  const unit = (): string => {
    const path = join(temporaryDirectoryForTest('unit'), 'backup-agent.service');
    const text = readFileSync(join(shipped, 'backup-agent.service'), 'utf8');
    // The program is where the archive was unpacked, which is not here.
    writeFileSync(path, text.replace('ExecStart=/opt/backup-agent/node/bin/node', 'ExecStart=/bin/true'));
    return path;
  };
  const version = Number(/systemd (\d+)/.exec(run('systemd-analyze', '--version').output)?.[1] ?? 0);

  it('understands every line of the unit', () => {
    expect(run('systemd-analyze', 'verify', unit()).output).not.toContain('backup-agent.service');
  });

  it.skipIf(version < 250)('finds little that the unit leaves open', () => {
    // Tenths of its exposure level: the work takes the network and the capabilities over files, which make up the rest.
    const { status, output } = run('systemd-analyze', 'security', '--offline=true', '--threshold=25', unit());
    expect(status, output).toBe(0);
  });
});
