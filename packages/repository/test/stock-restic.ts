import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolPath } from '@enterprise-backup/test-support/system-tool';
import { password } from './crafted-repository.ts';

/** What became of a run of restic. */
export interface RanRestic {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the machine's restic on a repository of the tests, without its cache and in UTC. */
export async function runRestic(location: string, ...args: readonly string[]): Promise<RanRestic> {
  const child = spawn(toolPath('restic') ?? 'restic', ['--no-cache', '--repo', location, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RESTIC_PASSWORD: password, TZ: 'UTC' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}
