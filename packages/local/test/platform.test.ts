import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectPlatform, type PlatformConnection } from '../src/platform-client.ts';
import { startPlatform, type Platform, type PlatformSettings } from '../src/platform.ts';

const limit = { timeout: 120_000 };

let directory: TemporaryDirectory;
let dataFolder: string;
const open: { stop?(): Promise<void>; close?(): void }[] = [];

beforeEach(() => {
  directory = temporaryDirectory('platform');
  dataFolder = join(directory.path, 'data');
});

afterEach(async () => {
  for (const opened of open.splice(0).reverse()) {
    opened.close?.();
    await opened.stop?.();
  }
  directory.remove();
});

async function start(more: Partial<PlatformSettings> = {}): Promise<Platform> {
  const platform = await startPlatform({ dataFolder, port: 0, clock: systemClock, ...more });
  open.push(platform);
  return platform;
}

function connect(choice: Parameters<typeof connectPlatform>[0] = { dataFolder }): PlatformConnection {
  const connection = connectPlatform(choice);
  open.push(connection);
  return connection;
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) || signalReaches(pid);

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const runningAgent = async (platform: Platform, other: number | null = null): Promise<number> => {
  let pid: number | null = null;
  await expect
    .poll(async () => {
      pid = platform.agents[0]?.pid() ?? null;
      const { agents } = await connect().orchestrator('status', {});
      return pid !== null && pid !== other && agents.length > 0;
    }, limit)
    .toBe(true);
  return pid ?? 0;
};

describe('a platform on one machine', () => {
  it('lays out its data folder, for its user alone', limit, async () => {
    const platform = await start();
    const { folder } = platform;
    expect(readdirSync(dataFolder).sort()).toEqual(
      expect.arrayContaining(['catalog.sqlite', 'endpoint.json', 'lock', 'logs', 'secrets', 'settings.json']),
    );
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.secrets, 'repository-password')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder.secrets, 'repository-password'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
    expect(JSON.parse(readFileSync(folder.endpoint, 'utf8'))).toEqual({
      endpoint_url: platform.endpointUrl,
      port: platform.port,
      pid: process.pid,
      stack_name: 'enterprise-backup-dr-platform',
      region: 'us-east-1',
    });
    expect(platform.functions).toEqual({
      orchestrator: 'enterprise-backup-dr-platform-backup-jobs',
      recovery: 'enterprise-backup-dr-platform-recovery-service',
    });
  });

  it('backs up and recovers, and goes on with the same data after a stop', limit, async () => {
    const source = join(directory.path, 'source');
    const target = join(directory.path, 'target');
    mkdirSync(source);
    writeFileSync(join(source, 'a.txt'), 'one');
    const first = await start();
    const { orchestrator } = connect();
    const settings = { kind: 'filesystem', path: source } as const;
    await orchestrator('register_source', { source_system: 'web-01', settings, repository: first.repository });
    await orchestrator('register_target', { target_system: 'web-02', settings: { kind: 'filesystem', path: target } });
    const { backup_id } = (await orchestrator('start_backup', { source_system: 'web-01', backup_type: 'full' })).job;
    const status = async () => (await orchestrator('get_job', { backup_id })).job.status;
    await expect.poll(status, limit).toBe('completed');
    await first.stop();
    const password = readFileSync(join(first.folder.secrets, 'repository-password'));

    const second = await start({ agents: 2 });
    expect(readFileSync(join(second.folder.secrets, 'repository-password'))).toEqual(password);
    const { recovery } = connect();
    const { recovery_id } = (await recovery('start', { backup_id, target_system: 'web-02' })).recovery;
    const recovered = async () => (await recovery('progress', { recovery_id })).recovery.status;
    await expect.poll(recovered, limit).toBe('completed');
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('one');
  });

  it('leaves nothing but data when it stops', limit, async () => {
    const platform = await start();
    const pid = await runningAgent(platform);
    await Promise.all([platform.stop(), platform.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(dataFolder).sort()).toEqual(['catalog.sqlite', 'lock', 'logs', 'secrets', 'settings.json']);
    expect(readFileSync(join(platform.folder.logs, 'agent-1.log'), 'utf8')).toContain('the agent has drained');
    expect(() => connect()).toThrow(expect.objectContaining({ code: 'PLATFORM_NOT_RUNNING' }));
  });

  it('starts an agent anew that was killed', limit, async () => {
    const platform = await start();
    const killed = await runningAgent(platform);
    process.kill(killed, 'SIGKILL');
    expect(await runningAgent(platform, killed)).not.toBe(killed);
    expect(readFileSync(join(platform.folder.logs, 'platform.log'), 'utf8')).toContain('"reason":"SIGKILL"');
  });

  it('kills an agent that does not drain in time', limit, async () => {
    const platform = await start({ stopSeconds: 1 });
    const pid = await runningAgent(platform);
    process.kill(pid, 'SIGSTOP');
    await platform.stop();
    expect(isAlive(pid)).toBe(false);
    expect(readFileSync(join(platform.folder.logs, 'platform.log'), 'utf8')).toContain('did not drain in time');
  });
});

describe('a data folder', () => {
  it('has one platform at a time', limit, async () => {
    const platform = await start();
    const second = start();
    await expect(second).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    await expect(second).rejects.toThrow(platform.endpointUrl);
    expect(existsSync(platform.folder.endpoint)).toBe(true);
    await platform.stop();
    await start();
  });

  it('is free again when its platform was killed, and its agents end', limit, async () => {
    const killed = spawn(process.execPath, [join(import.meta.dirname, 'platform-process.ts'), dataFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(killed.stdout, 'data')) as [Buffer];
    const { agent_pid: agent } = JSON.parse(line.toString()) as { agent_pid: number };
    await expect(start()).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    await expect.poll(() => readFileSync(join(dataFolder, 'logs/agent-1.log'), 'utf8'), limit).toContain('is ready');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(() => connect()).toThrow(expect.objectContaining({ code: 'PLATFORM_NOT_RUNNING' }));
    await start();
    await expect.poll(() => isAlive(agent), limit).toBe(false);
  });

  it('whose repository has lost its password is refused, and no new password is made', limit, async () => {
    mkdirSync(join(dataFolder, 'repository'), { recursive: true });
    writeFileSync(join(dataFolder, 'repository/config'), 'sealed');
    await expect(start()).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    expect(existsSync(join(dataFolder, 'secrets/repository-password'))).toBe(false);
    rmSync(join(dataFolder, 'repository'), { recursive: true });
    await start();
  });
});

describe('the port', () => {
  it('that is asked for and taken is an error, and the folder stays free', limit, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    server.close();
    await once(server, 'close');
    expect((await start({ port })).port).toBe(port);
  });

  it('that nobody asked for is another one when the usual one is taken', limit, async () => {
    const first = await startPlatform({ dataFolder, clock: systemClock, agents: 0 });
    open.push(first);
    const second = await startPlatform({ dataFolder: `${dataFolder}-2`, clock: systemClock, agents: 0 });
    open.push(second);
    expect(second.port).not.toBe(first.port);
  });
});

describe('a client of a platform', () => {
  it('says what is not there', limit, async () => {
    expect(() => connect({ dataFolder: join(directory.path, 'none') })).toThrow('no platform runs on the data folder');
    const platform = await start({ agents: 0 });
    const wrong = connect({ endpointUrl: platform.endpointUrl, stackName: 'other' });
    await expect(wrong.orchestrator('status', {})).rejects.toMatchObject({ code: 'FUNCTION_NOT_FOUND' });
    await platform.stop();
    const gone = connect({ endpointUrl: platform.endpointUrl });
    await expect(gone.orchestrator('status', {})).rejects.toMatchObject({ code: 'PLATFORM_NOT_RUNNING' });
  });

  it('gets the errors of the functions as they are', limit, async () => {
    await start({ agents: 0 });
    const { orchestrator, recovery } = connect();
    await expect(orchestrator('start_backup', { source_system: 'none' })).rejects.toMatchObject({
      code: 'SOURCE_UNKNOWN',
    });
    // @ts-expect-error -- an id of the wrong shape, as a client without types could send it
    const wrong = recovery('start', { backup_id: 12, target_system: 'x' });
    await expect(wrong).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
