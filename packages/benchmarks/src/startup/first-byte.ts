import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { startPlatform } from '@enterprise-backup/local/platform';
import { connectPlatform } from '@enterprise-backup/local/platform-client';

/** Large enough for the agent to be seen while it reads it. */
const fileSize = 64 * 1024 * 1024;

/**
 * Milliseconds from the start of a bundled agent, for which a backup waits already, to when it has the file of the source
 * open to read it, looked for in /proc every millisecond. It has run once before on the same machine. The platform runs on this machine and holds a first backup.
 * Throws BENCHMARK_FAILED when a backup fails.
 */
export async function measureFirstByte(bundle: string, place: string): Promise<number> {
  rmSync(place, { recursive: true, force: true });
  const source = join(place, 'source');
  const file = join(source, 'file.bin');
  mkdirSync(source, { recursive: true });
  writeFileSync(file, Buffer.alloc(fileSize, 'content'));
  const platform = await startPlatform({ dataFolder: join(place, 'data'), port: 0, clock: systemClock, agents: 0 });
  const connection = connectPlatform({ endpointUrl: platform.endpointUrl });
  const environment = {
    AWS_REGION: platform.region,
    BACKUP_AGENT_ID: 'startup-1',
    BACKUP_ENDPOINT_URL: platform.endpointUrl,
    BACKUP_SECRETS_FOLDER: platform.folder.secrets,
    BACKUP_STACK_NAME: platform.stackName,
    // As the agent's unit has it.
    NODE_COMPILE_CACHE: join(place, 'compiled'),
  };

  const backUp = async (): Promise<number> => {
    const request = { source_system: 'web-01', backup_type: 'full' } as const;
    const { job } = await connection.orchestrator('start_backup', request);
    const started = performance.now();
    const agent = spawn(process.execPath, [join(bundle, 'main.js')], { cwd: place, env: environment, stdio: 'ignore' });
    const exited = once(agent, 'exit');
    try {
      while (!hasOpen(agent, file)) await wait(1);
      const opened = performance.now();
      for (;;) {
        const { status } = (await connection.orchestrator('get_job', { backup_id: job.backup_id })).job;
        if (status === 'completed') return opened - started;
        if (status === 'failed') throw new PlatformError('BENCHMARK_FAILED', 'the backup failed that the agent made');
        await wait(50);
      }
    } finally {
      agent.kill('SIGTERM');
      await exited;
    }
  };

  try {
    const settings = { kind: 'filesystem', path: source } as const;
    const { repository } = platform;
    await connection.orchestrator('register_source', { source_system: 'web-01', settings, repository });
    // The first backup makes the repository; what is measured is the second one, which reads everything again.
    await backUp();
    return await backUp();
  } finally {
    connection.close();
    await platform.stop();
  }
}

/** Whether a process has a file open now. Throws BENCHMARK_FAILED when it has ended. */
function hasOpen(agent: ChildProcess, file: string): boolean {
  if (agent.exitCode !== null || agent.signalCode !== null) {
    throw new PlatformError('BENCHMARK_FAILED', 'the agent ended before it read anything');
  }
  const folder = `/proc/${agent.pid ?? 0}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => targetOf(join(folder, descriptor)) === file);
  } catch {
    return false;
  }
}

/** Where a link leads; nothing when it is gone by now. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
