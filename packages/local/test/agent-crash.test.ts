import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import { compareFolders } from '@enterprise-backup/sources/compare-folders';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerSystems, startHarness, type Harness, type TestAgent } from './agent-harness.ts';
import { fillWithRandomFiles } from './large-source.ts';
import { restic } from './restic.ts';
import { atWorkingReport } from './working-report.ts';

const seed = 'agent-crash';
const limit = { timeout: 180_000 };
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

const signalWithin = (
  agent: TestAgent,
  phases: readonly TaskProgress['phase'][],
  signal: NodeJS.Signals,
): Promise<void> => atWorkingReport(harness, agent, phases, () => agent.process.kill(signal));

const startBackup = async (backup_type: 'full' | 'incremental' = 'full') =>
  (await harness.orchestrator('start_backup', { source_system: 'web-01', backup_type })).job.backup_id;

const snapshotFiles = (): string[] => readdirSync(join(harness.folder.repository, 'snapshots'));

async function expectSameAsSource(): Promise<void> {
  const { differences } = await compareFolders(source, target);
  expect(differences).toEqual([]);
}

function expectCleanRepository(): void {
  if (!hasTool('restic')) return;
  expect(restic(harness.folder, 'check', '--read-data')).toContain('no errors were found');
}

describe('an agent that is killed', () => {
  it('during a backup: the next one finishes it, and earlier points are whole', limit, async () => {
    fillWithRandomFiles(source, 4, 100_000, `${seed} first`);
    harness.limitTransfers(slow);
    const first = harness.startAgent('agent-1');
    const earlier = await startBackup();
    expect(await harness.endedJob(earlier)).toMatchObject({ status: 'completed', attempts: 1 });
    fillWithRandomFiles(source, 20, 4_000_000, seed);
    const killed = signalWithin(first, ['reading'], 'SIGKILL');
    const backupId = await startBackup('incremental');
    await killed;
    expect(await first.ended).toBe('SIGKILL');
    expect(snapshotFiles()).toHaveLength(1);
    harness.limitTransfers(null);
    harness.startAgent('agent-2');
    expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed', attempts: 2, error: null });
    expect(snapshotFiles()).toHaveLength(2);
    const { points } = await harness.orchestrator('list_points', {});
    expect(points.map((point) => point.backup_id).sort()).toEqual([earlier, backupId]);
    expectCleanRepository();
    const { recovery } = await harness.recovery('start', { backup_id: backupId, target_system: 'web-02' });
    expect(await harness.endedRecovery(recovery.recovery_id)).toMatchObject({ status: 'completed' });
    await expectSameAsSource();
  });

  it('during a recovery: the next one finishes it', limit, async () => {
    fillWithRandomFiles(source, 20, 4_000_000, seed);
    const protector = harness.startAgent('agent-1');
    const backupId = await startBackup();
    expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed' });
    protector.process.kill('SIGTERM');
    await protector.ended;
    harness.limitTransfers(slow);
    const first = harness.startAgent('agent-2');
    const killed = signalWithin(first, ['writing'], 'SIGKILL');
    const { recovery } = await harness.recovery('start', { backup_id: backupId, target_system: 'web-02' });
    await killed;
    await first.ended;
    harness.limitTransfers(null);
    const { recovery_id } = recovery;
    expect((await harness.recovery('progress', { recovery_id })).recovery.status).toBe('running');
    harness.startAgent('agent-3');
    expect(await harness.endedRecovery(recovery_id)).toMatchObject({ status: 'completed', attempts: 2 });
    await expectSameAsSource();
    expectCleanRepository();
  });

  it('between its snapshot and the report of it: the next one adopts the snapshot', limit, async () => {
    fillWithRandomFiles(source, 4, 100_000, seed);
    const first = harness.startAgent('agent-1');
    harness.intercept = ({ action, agentId }) => {
      if (action !== 'complete_task' || agentId !== first.id) return;
      first.process.kill('SIGKILL');
      throw new PlatformError('CATALOG_UNAVAILABLE', 'the catalog does not answer');
    };
    const backupId = await startBackup();
    expect(await first.ended).toBe('SIGKILL');
    const [snapshot, ...others] = snapshotFiles();
    expect(others).toEqual([]);
    const second = harness.startAgent('agent-2');
    expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(second.log()).toContain('an earlier attempt wrote the snapshot');
    expect(snapshotFiles()).toEqual([snapshot]);
    const { points } = await harness.orchestrator('list_points', {});
    expect(points).toMatchObject([
      {
        backup_id: backupId,
        snapshot_id: snapshot,
        evidence: { files_new: 4, bytes_processed: 400_000, skipped: [{ code: 'ATTEMPT_CUT_OFF' }] },
      },
    ]);
  });
});

describe('a holder whose lease was taken over', () => {
  it('is refused when it hands in its result late', limit, async () => {
    fillWithRandomFiles(source, 4, 100_000, seed);
    const first = harness.startAgent('agent-1');
    const other = Promise.withResolvers<undefined>();
    harness.intercept = async ({ action, agentId }) => {
      if (agentId !== first.id) return;
      if (action === 'report_progress') throw new PlatformError('CATALOG_UNAVAILABLE', 'the catalog does not answer');
      if (action === 'complete_task') await other.promise;
    };
    const backupId = await startBackup();
    await expect.poll(() => existsSync(join(harness.folder.repository, 'config')), limit).toBe(true);
    await expect.poll(() => snapshotFiles().length, limit).toBe(1);
    const second = harness.startAgent('agent-2');
    const job = await harness.endedJob(backupId);
    expect(job).toMatchObject({ status: 'completed', attempts: 2 });
    const before = await harness.orchestrator('list_points', {});
    other.resolve(undefined);
    await expect.poll(() => first.log(), limit).toContain('the result was refused');
    expect(first.log()).toContain('LEASE_LOST');
    expect(await harness.orchestrator('list_points', {})).toEqual(before);
    expect((await harness.orchestrator('get_job', { backup_id: backupId })).job).toEqual(job);
    expect(second.process.exitCode).toBeNull();
  });

  it(
    'stops its work by itself when it was halted past the end of the lease, and works on afterwards',
    limit,
    async () => {
      fillWithRandomFiles(source, 20, 4_000_000, seed);
      harness.limitTransfers(slow);
      const first = harness.startAgent('agent-1');
      const halted = signalWithin(first, ['reading'], 'SIGSTOP');
      const backupId = await startBackup();
      await halted;
      harness.limitTransfers(null);
      const second = harness.startAgent('agent-2');
      expect(await harness.endedJob(backupId)).toMatchObject({ status: 'completed', attempts: 2 });
      const before = await harness.orchestrator('list_points', {});
      second.process.kill('SIGTERM');
      expect(await second.ended).toBe(0);
      first.process.kill('SIGCONT');
      await expect.poll(() => first.log(), limit).toContain('the work was stopped, its lease is lost');
      expect(await harness.orchestrator('list_points', {})).toEqual(before);
      const next = await startBackup('incremental');
      expect(await harness.endedJob(next)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(snapshotFiles()).toHaveLength(2);
      expectCleanRepository();
    },
  );
});
