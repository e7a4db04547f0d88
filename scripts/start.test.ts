import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
}

const lockfileOf = (manifest: Dependencies, packages: Record<string, unknown> = {}): string =>
  JSON.stringify({
    name: 'project',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'project', ...manifest }, ...packages },
  });

/** A project with the real start scripts, one local package to install and `entry` as the program that start runs. */
const makeProject = (entry: string): string => {
  const root = temporaryDirectoryForTest('start');
  mkdirSync(join(root, 'scripts'));
  for (const name of [
    'start',
    'run-pinned',
    'install-dependencies',
    'installed-state',
    'pinned-node',
    'run-child',
    'startup-error',
  ]) {
    cpSync(join(import.meta.dirname, `${name}.mjs`), join(root, 'scripts', `${name}.mjs`));
  }
  mkdirSync(join(root, 'packages/cli/src'), { recursive: true });
  writeFileSync(join(root, 'packages/cli/src/main.ts'), entry);
  mkdirSync(join(root, 'local-package'));
  writeFileSync(join(root, 'local-package/package.json'), JSON.stringify({ name: 'local-package', version: '1.0.0' }));
  const manifest = { dependencies: { 'local-package': 'file:local-package' } };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'project', type: 'module', ...manifest }));
  writeFileSync(
    join(root, 'package-lock.json'),
    lockfileOf(manifest, {
      'local-package': { version: '1.0.0' },
      'node_modules/local-package': { resolved: 'local-package', link: true },
    }),
  );
  return root;
};

const start = (root: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [join(root, 'scripts/start.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, npm_config_cache: join(root, 'npm-cache'), ...environment },
  });

const REPORT_ARGUMENTS = `const args: string[] = process.argv.slice(2);\nconsole.log(args.join());\nprocess.exit(7);\n`;

it('installs once, hands the arguments over and passes the exit code on', () => {
  const root = makeProject(REPORT_ARGUMENTS);
  const first = start(root, ['--once', '--data', 'x y']);
  expect(first.stderr).toBe('Installing dependencies into node_modules, once (about a minute).\n');
  expect(first.stdout).toBe('start,--once,--data,x y\n');
  expect(first.status).toBe(7);
  const second = start(root);
  expect(second.stderr).toBe('');
  expect(second.stdout).toBe('start\n');
});

it('installs again when package-lock.json changed or an installation was broken off', () => {
  const root = makeProject(REPORT_ARGUMENTS);
  start(root);
  const lockfile = join(root, 'package-lock.json');
  writeFileSync(lockfile, readFileSync(lockfile, 'utf8').replaceAll('1.0.0', '1.1.0'));
  writeFileSync(join(root, 'local-package/package.json'), JSON.stringify({ name: 'local-package', version: '1.1.0' }));
  expect(start(root).stderr).toContain('installing them anew');
  expect(start(root).stderr).toBe('');
  rmSync(join(root, 'node_modules/.install-stamp'));
  rmSync(join(root, 'node_modules/.package-lock.json'));
  expect(start(root).stderr).toContain('installing them anew');
});

it('takes what a person installed with npm as it is', () => {
  const root = makeProject(REPORT_ARGUMENTS);
  start(root);
  rmSync(join(root, 'node_modules/.install-stamp'));
  expect(start(root).stderr).toBe('');
});

it('names code, reason and hint when the registry cannot be reached', async () => {
  const root = makeProject(REPORT_ARGUMENTS);
  const manifest = { dependencies: { absent: '1.0.0' } };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'project', ...manifest }));
  writeFileSync(
    join(root, 'package-lock.json'),
    lockfileOf(manifest, { 'node_modules/absent': { version: '1.0.0', integrity: 'sha512-AAAA' } }),
  );
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const result = start(root, [], { npm_config_registry: `http://127.0.0.1:${port}` });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('error INSTALL_NO_NETWORK: the npm registry could not be reached\nhint: ');
  expect(result.stdout).toBe('');
});

it('says so when package.json and package-lock.json do not fit together', () => {
  const root = makeProject(REPORT_ARGUMENTS);
  const manifest = { dependencies: { 'local-package': 'file:local-package', 'other-package': 'file:other-package' } };
  mkdirSync(join(root, 'other-package'));
  writeFileSync(join(root, 'other-package/package.json'), JSON.stringify({ name: 'other-package', version: '1.0.0' }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'project', ...manifest }));
  expect(start(root).stderr).toContain('error INSTALL_LOCKFILE_MISMATCH: ');
});

it('hands a Ctrl-C that arrives twice, from the terminal and from npm, over once', async () => {
  const root = makeProject(`
    let interrupts: number = 0;
    process.on('SIGINT', () => {
      interrupts += 1;
      if (interrupts === 1) setTimeout(() => { console.log('interrupts ' + interrupts); process.exit(5); }, 1000);
    });
    console.log('ready');
    setInterval(() => {}, 1000);
  `);
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '' && text.startsWith('ready')) {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 20);
    }
    output += text;
  });
  const [status] = (await once(child, 'close')) as [number];
  expect(output).toBe('ready\ninterrupts 1\n');
  expect(status).toBe(5);
});

it('ends by the signal that ended the program', async () => {
  const root = makeProject(`console.log('ready');\nsetInterval(() => {}, 1000);\n`);
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([status, signal]).toEqual([null, 'SIGTERM']);
});
