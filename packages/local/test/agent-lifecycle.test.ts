import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerSystems, startHarness, type Harness, type TestAgent } from './agent-harness.ts';
import { fillWithRandomFiles } from './large-source.ts';
import { atWorkingReport } from './working-report.ts';

const seed = 'agent-lifecycle';
const limit = { timeout: 120_000 };
/** Work on 80 MB takes ten seconds at this rate, unless it is stopped. */
const slow = '8M';

let harness: Harness;
let source: string;
let target: string;

beforeEach(async () => {
  harness = await startHarness();
  ({ source, target } = await registerSystems(harness));
});

afterEach(() => harness.close());

const startBackup = async (backup_type: 'full' | 'incremental' = 'full') =>
  (await harness.orchestrator('start_backup', { source_system: 'web-01', backup_type })).job.backup_id;

const within = (agent: TestAgent, phase: TaskProgress['phase'], then: () => void): Promise<void> =>
  atWorkingReport(harness, agent, [phase], then);

describe('an agent that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s gives its task back and exits with 0', limit, async (signal) => {
    fillWithRandomFiles(source, 20, 4_000_000, seed);
    harness.limitTransfers(slow);
    const first = harness.startAgent('agent-1');
    const calls: string[] = [];
    const reached = within(first, 'reading', () => first.process.kill(signal));
    const inner = harness.intercept;
    harness.intercept = (call) => {
      calls.push(call.action);
      return inner(call);
    };
    const backupId = await startBackup();
    await reached;
    expect(await first.ended).toBe(0);
    expect(calls).toContain('release_task');
    expect(first.log()).toContain('the agent has drained');
    // Given back, the task waits for no lease to end, and the attempt does not count.
    expect((await harness.orchestrator('status', {})).tasks).toMatchObject({ waiting: 1, running: 0 });
    harness.limitTransfers(null);
    harness.startAgent('agent-2');
    expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('by the end of the platform that started it drains too', limit, async () => {
    const agent = harness.startAgent('agent-1');
    await expect.poll(() => agent.log(), limit).toContain('the agent is ready');
    agent.process.disconnect();
    expect(await agent.ended).toBe(0);
    expect(agent.log()).toContain('the platform that started the agent has ended');
  });

  it('but not by SIGHUP, with which restic asks whether the holder of a lock lives', limit, async () => {
    fillWithRandomFiles(source, 2, 1000, seed);
    const agent = harness.startAgent('agent-1');
    await expect.poll(() => agent.log(), limit).toContain('the agent is ready');
    agent.process.kill('SIGHUP');
    expect(await harness.endedJob(await startBackup())).toMatchObject({ status: 'completed', attempts: 1 });
    expect(agent.process.exitCode).toBeNull();
  });
});

describe('an agent whose orchestrator does not answer', () => {
  it('goes on with its work and reports when it is back', limit, async () => {
    fillWithRandomFiles(source, 20, 4_000_000, seed);
    writeFileSync(
      harness.folder.settings,
      JSON.stringify({ poll_seconds: 0.2, progress_seconds: 0.2, lease_seconds: 60, limit_upload: [slow] }),
    );
    const agent = harness.startAgent('agent-1');
    const reached = within(agent, 'reading', () => undefined);
    const backupId = await startBackup();
    await reached;
    await harness.closeEndpoint();
    await expect.poll(() => agent.log(), limit).toContain('FUNCTION_UNAVAILABLE');
    await expect.poll(() => readdirSync(join(harness.folder.repository, 'snapshots')).length, limit).toBe(1);
    await harness.openEndpoint();
    expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await harness.endedJob(await startBackup('incremental'))).toMatchObject({ status: 'completed' });
  });

  it('ends in good time when it is told to', limit, async () => {
    await harness.closeEndpoint();
    const agent = harness.startAgent('agent-1');
    await expect.poll(() => agent.log(), limit).toContain('no task could be claimed');
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    await harness.openEndpoint();
  });
});

describe('work that is cancelled', () => {
  it('stops, and ends as cancelled', limit, async () => {
    fillWithRandomFiles(source, 20, 4_000_000, seed);
    const first = harness.startAgent('agent-1');
    const backup_id = await startBackup();
    expect(await harness.endedJob(backup_id)).toMatchObject({ status: 'completed' });
    first.process.kill('SIGTERM');
    await first.ended;
    harness.limitTransfers(slow);
    const agent = harness.startAgent('agent-2');
    const reached = within(agent, 'writing', () => undefined);
    const { recovery } = await harness.recovery('start', { backup_id, target_system: 'web-02' });
    await reached;
    const { recovery_id } = recovery;
    await harness.recovery('cancel', { recovery_id });
    expect(await harness.endedRecovery(recovery_id)).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => agent.log(), limit).toContain('CANCELLED');
    expect(existsSync(target)).toBe(true);
  });
});

describe('work that cannot be done', () => {
  it('fails with its own error when the source is missing, and makes no repository', limit, async () => {
    rmSync(source, { recursive: true });
    harness.startAgent('agent-1');
    const job = await harness.endedJob(await startBackup());
    expect(job).toMatchObject({ status: 'failed', error: { code: 'SOURCE_MISSING' } });
    expect(existsSync(harness.folder.repository)).toBe(false);
  });

  it('fails when the repository has vanished, and makes no new one in its place', limit, async () => {
    fillWithRandomFiles(source, 2, 1000, seed);
    harness.startAgent('agent-1');
    expect(await harness.endedJob(await startBackup())).toMatchObject({ status: 'completed' });
    renameSync(harness.folder.repository, `${harness.folder.repository}.moved`);
    for (const type of ['full', 'incremental'] as const) {
      const job = await harness.endedJob(await startBackup(type));
      expect(job).toMatchObject({ status: 'failed', error: { code: 'REPOSITORY_NOT_FOUND' } });
    }
    expect(existsSync(harness.folder.repository)).toBe(false);
  });

  it('fails when the secret is missing or open to others', limit, async () => {
    fillWithRandomFiles(source, 2, 1000, seed);
    const secret = join(harness.folder.secrets, harness.repository.password_secret);
    writeFileSync(`${secret}.copy`, 'anything', { mode: 0o640 });
    rmSync(secret);
    harness.startAgent('agent-1');
    expect(await harness.endedJob(await startBackup())).toMatchObject({ error: { code: 'SECRET_MISSING' } });
    renameSync(`${secret}.copy`, secret);
    expect(await harness.endedJob(await startBackup())).toMatchObject({ error: { code: 'SECRET_EXPOSED' } });
  });
});

describe('the settings', () => {
  it('are followed while the agent runs, and a wrong file changes nothing', limit, async () => {
    const agent = harness.startAgent('agent-1');
    await expect.poll(() => agent.log(), limit).toContain('the agent is ready');
    const claimed: unknown[] = [];
    harness.intercept = ({ action, event }) => {
      if (action === 'claim_task') claimed.push(event['lease_seconds']);
    };
    writeFileSync(harness.folder.settings, '{"poll_seconds": 0.2, "lease_seconds": "long"}');
    await expect.poll(() => agent.log(), limit).toContain('the changed settings are not used');
    expect(agent.log()).toContain('lease_seconds: ');
    expect(new Set(claimed)).toEqual(new Set([5]));
    writeFileSync(harness.folder.settings, '{"poll_seconds": 0.2, "lease_seconds": 77}');
    await expect.poll(() => claimed.at(-1), limit).toBe(77);
  });
});
