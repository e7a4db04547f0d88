import { randomUUID } from 'node:crypto';
import type { RequestOf, ResponseOf } from '@enterprise-backup/contracts/actions';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import type { OrchestratorAction, orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { BackupResult, ClaimedTask, TaskResult } from '@enterprise-backup/contracts/tasks';
import type { Catalog } from '@enterprise-backup/schema/catalog';
import { connectCatalog, type CatalogSettings } from '@enterprise-backup/schema/connect';
import { migrate } from '@enterprise-backup/schema/migrate';
import type { CatalogEngineUnderTest } from '@enterprise-backup/test-support/catalog-engines';
import { recordedOutput, type RecordedOutput } from '@enterprise-backup/test-support/recorded-output';
import { setClock, type SetClock } from '@enterprise-backup/test-support/set-clock';
import { deleteStoredRows, readStoredRows, type StoredRows } from '@enterprise-backup/test-support/stored-rows';
import { createOrchestrator } from '../src/create-orchestrator.ts';

type Actions = typeof orchestratorActions;

/** An orchestrator over a catalog of its own, with a clock that tests set. */
export interface OrchestratorUnderTest {
  readonly settings: CatalogSettings;
  readonly catalog: Catalog;
  readonly clock: SetClock;
  readonly output: RecordedOutput;
  /** The function as Lambda calls it. */
  readonly handle: FunctionHandler;
  call<Name extends OrchestratorAction>(
    action: Name,
    request: RequestOf<Actions, Name>,
    awsRequestId?: string,
  ): Promise<ResponseOf<Actions, Name>>;
  rows(): Promise<StoredRows>;
  /** Empties the catalog and sets the clock back. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** When every test begins. */
export const startOfTests = '2026-05-01T00:00:00.000Z';

export const startOrchestrator = async (engine: CatalogEngineUnderTest): Promise<OrchestratorUnderTest> => {
  const running = await engine.start();
  const settings = await running.emptyCatalog();
  const catalog = await connectCatalog(settings);
  await migrate(catalog);
  const clock = setClock(startOfTests);
  const output = recordedOutput();
  const handle = createOrchestrator({ catalog, clock, log: output.log, metrics: output.metrics });
  return {
    settings,
    catalog,
    clock,
    output,
    handle,
    call: async (action, request, awsRequestId = randomUUID()) =>
      (await handle({ action, ...request }, { awsRequestId })) as never,
    rows: () => readStoredRows(catalog),
    reset: async () => {
      await deleteStoredRows(catalog);
      clock.set(startOfTests);
      output.entries.length = 0;
      output.published.length = 0;
    },
    stop: async () => {
      await catalog.close();
      await running.stop();
    },
  };
};

/** Registers a source system whose folder and repository are named after it. */
export const registerSource = async (
  { call }: Pick<OrchestratorUnderTest, 'call'>,
  source_system: string,
  repository = 'main',
): Promise<void> => {
  await call('register_source', {
    source_system,
    settings: { kind: 'filesystem', path: `/srv/${source_system}` },
    repository: { location: `/backup/${repository}`, password_secret: `${repository}-password` },
  });
};

/** Asks for a task of any kind as the agent. */
export const claim = async (
  { call }: Pick<OrchestratorUnderTest, 'call'>,
  agent_id = 'agent-1',
  lease_seconds = 60,
): Promise<ClaimedTask | null> => {
  const kinds = ['backup', 'recovery', 'verify', 'forget'] as const;
  const answer = await call('claim_task', {
    agent_id,
    host_name: 'host-1',
    version: '0.1.0',
    kinds: [...kinds],
    lease_seconds,
  });
  return answer.task;
};

/** Like claim, and fails the test when nothing waits. */
export const claimSome = async (
  orchestrator: Pick<OrchestratorUnderTest, 'call'>,
  agent_id = 'agent-1',
  lease_seconds = 60,
): Promise<ClaimedTask> => {
  const task = await claim(orchestrator, agent_id, lease_seconds);
  if (task === null) throw new Error('no task waits');
  return task;
};

/** What the holder of a task names in each of its calls. */
export const heldOf = ({ task_id, lease }: ClaimedTask) => ({
  task_id,
  agent_id: lease.owner,
  generation: lease.generation,
});

let snapshots = 0;

/** Evidence of a backup with a snapshot id that no other has. */
export const backupResult = (fields: Partial<BackupResult> = {}): BackupResult => {
  snapshots += 1;
  return {
    kind: 'backup',
    snapshot_id: snapshots.toString(16).padStart(64, '0') as BackupResult['snapshot_id'],
    source_path: '/srv/files-01',
    files_new: 3,
    files_changed: 2,
    files_unmodified: 1,
    folders: 4,
    bytes_processed: 6000,
    bytes_read: 5000,
    bytes_added: 4000,
    bytes_stored: 3000,
    skipped_count: 0,
    skipped: [],
    duration_seconds: 2.5,
    ...fields,
  };
};

/** Completes a claimed task with this result. */
export const complete = async (
  { call }: Pick<OrchestratorUnderTest, 'call'>,
  task: ClaimedTask,
  result: TaskResult = backupResult(),
): Promise<void> => {
  await call('complete_task', { ...heldOf(task), result });
};

/** Makes a point of the source by a job that is started by hand, claimed and completed now. Returns its backup_id. */
export const makePoint = async (
  orchestrator: Pick<OrchestratorUnderTest, 'call'>,
  source_system: string,
  fields: { readonly backup_type?: 'full' | 'incremental' | 'differential'; readonly retention_days?: number } = {},
): Promise<{ readonly backup_id: string; readonly snapshot_id: string }> => {
  const { job } = await orchestrator.call('start_backup', { source_system, ...fields });
  const result = backupResult();
  await complete(orchestrator, await claimSome(orchestrator), result);
  return { backup_id: job.backup_id, snapshot_id: result.snapshot_id };
};
