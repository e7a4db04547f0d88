import { execFileSync } from 'node:child_process';
import { toolPath } from '@enterprise-backup/test-support/system-tool';
import type { DataFolder } from '../src/data-folder.ts';
import { passwordFile } from './agent-harness.ts';

/** Runs the stock restic on the repository and answers what it prints. Throws when it exits other than with 0. */
export function restic(folder: DataFolder, ...args: string[]): string {
  const program = toolPath('restic');
  if (program === undefined) throw new TypeError('restic is not installed');
  const general = ['--repo', folder.repository, '--password-file', passwordFile(folder), '--no-cache'];
  return execFileSync(program, [...general, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
