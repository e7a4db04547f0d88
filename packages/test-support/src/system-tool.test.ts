import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectoryForTest } from './temporary-directory.ts';

const pathOfRestic = (folder: string): string =>
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', `import { toolPath } from './system-tool.ts'; console.log(toolPath('restic'));`],
    { cwd: import.meta.dirname, env: { PATH: folder }, encoding: 'utf8' },
  ).trim();

it('finds a tool that answers', () => {
  const folder = temporaryDirectoryForTest('tool');
  writeFileSync(join(folder, 'restic'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  expect(pathOfRestic(folder)).toBe(join(folder, 'restic'));
});

it('passes over a program of that name that fails or cannot be run', () => {
  const folder = temporaryDirectoryForTest('tool');
  writeFileSync(join(folder, 'restic'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  expect(pathOfRestic(folder)).not.toBe(join(folder, 'restic'));
  const other = temporaryDirectoryForTest('tool');
  writeFileSync(join(other, 'restic'), '#!/bin/sh\nexit 0\n', { mode: 0o644 });
  expect(pathOfRestic(other)).not.toBe(join(other, 'restic'));
});
