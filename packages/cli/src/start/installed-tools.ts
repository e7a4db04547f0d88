import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Which programs of others this machine has, as far as the printed commands depend on them. */
export interface InstalledTools {
  /** Major version of the AWS CLI, or null when there is none. */
  readonly awsCli: number | null;
  readonly restic: boolean;
}

const longestWait = 10_000;

/** Asks the programs on PATH for their version. */
export async function findTools(): Promise<InstalledTools> {
  const [aws, restic] = await Promise.all([versionText('aws', '--version'), versionText('restic', 'version')]);
  const major = /^aws-cli\/(\d+)\./.exec(aws ?? '')?.[1];
  return { awsCli: major === undefined ? null : Number(major), restic: restic !== null };
}

async function versionText(program: string, argument: string): Promise<string | null> {
  try {
    return (await promisify(execFile)(program, [argument], { timeout: longestWait })).stdout;
  } catch {
    return null;
  }
}
