import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { startPlatform } from '@enterprise-backup/local/platform';
import { connectPlatform } from '@enterprise-backup/local/platform-client';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { expect, it } from 'vitest';
import { bundleDefinitions } from './bundle-definitions.ts';
import { makeBundle } from './make-bundle.ts';

const waitLimit = { timeout: 100_000, interval: 100 };

it('backs a folder up and recovers it, with its worker threads and the C library', async () => {
  const place = temporaryDirectoryForTest('bundled-agent');
  const definition = bundleDefinitions.find(({ name }) => name === 'agent');
  if (definition === undefined) throw new Error('no bundle is named agent');
  const bundle = await makeBundle(dirname(dirname(import.meta.dirname)), definition, join(place, 'dist'));
  const source = join(place, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'report.txt'), 'content '.repeat(200_000));
  symlinkSync('report.txt', join(source, 'link'));
  lutimesSync(join(source, 'link'), 1_000_000_000, 1_000_000_000);

  const platform = await startPlatform({ dataFolder: join(place, 'data'), port: 0, clock: systemClock, agents: 0 });
  const { orchestrator, recovery, close } = connectPlatform({ endpointUrl: platform.endpointUrl });
  const agent = spawn(process.execPath, [join(bundle.folder, 'main.js')], {
    cwd: place,
    env: {
      AWS_REGION: platform.region,
      BACKUP_AGENT_ID: 'bundled-1',
      BACKUP_ENDPOINT_URL: platform.endpointUrl,
      BACKUP_SECRETS_FOLDER: platform.folder.secrets,
      BACKUP_STACK_NAME: platform.stackName,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  agent.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = once(agent, 'exit');
  try {
    const { repository } = platform;
    const folderAt = (path: string) => ({ kind: 'filesystem', path }) as const;
    await orchestrator('register_source', { source_system: 'web-01', settings: folderAt(source), repository });
    await orchestrator('register_target', { target_system: 'web-02', settings: folderAt(join(place, 'target')) });
    const { job } = await orchestrator('start_backup', { source_system: 'web-01', backup_type: 'full' });
    const jobStatus = async () => (await orchestrator('get_job', { backup_id: job.backup_id })).job.status;
    await expect.poll(jobStatus, waitLimit).toMatch(/completed|failed/);
    expect(await jobStatus(), log).toBe('completed');
    const started = await recovery('start', { backup_id: job.backup_id, target_system: 'web-02' });
    const { recovery_id } = started.recovery;
    const current = async () => (await recovery('progress', { recovery_id })).recovery;
    await expect.poll(async () => (await current()).status, waitLimit).toMatch(/completed|failed|cancelled/);
    expect((await current()).status, log).toBe('completed');
    const listing = execFileSync('find', [place, '-name', 'link'], { encoding: 'utf8' }).trim().split('\n');
    const restored = listing.find((path) => path.startsWith(join(place, 'target')));
    expect(restored).toBeDefined();
    if (restored === undefined) return;
    expect(readFileSync(restored, 'utf8')).toBe(readFileSync(join(source, 'report.txt'), 'utf8'));
    expect(lstatSync(restored).mtimeMs).toBe(1_000_000_000_000);
    // What the agent says where koffi did not come along.
    expect(log).not.toContain('the C library cannot be called');
  } finally {
    close();
    agent.kill('SIGTERM');
    await exited;
    await platform.stop();
  }
});
