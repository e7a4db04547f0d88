import { randomUUID } from 'node:crypto';
import type { RequestOf, ResponseOf } from '@enterprise-backup/contracts/actions';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import type { RecoveryAction, recoveryActions } from '@enterprise-backup/contracts/recovery';
import type { BackupResult } from '@enterprise-backup/contracts/tasks';
import type { Catalog } from '@enterprise-backup/schema/catalog';
import { connectCatalog, type CatalogSettings } from '@enterprise-backup/schema/connect';
import { migrate } from '@enterprise-backup/schema/migrate';
import { completeJob } from '@enterprise-backup/schema/statements/complete-job';
import { findRepositoryByLocation } from '@enterprise-backup/schema/statements/find-repository-by-location';
import { insertJob } from '@enterprise-backup/schema/statements/insert-job';
import { insertRecoveryPoint } from '@enterprise-backup/schema/statements/insert-recovery-point';
import { upsertRepository } from '@enterprise-backup/schema/statements/upsert-repository';
import { upsertSourceSystem } from '@enterprise-backup/schema/statements/upsert-source-system';
import { upsertTargetSystem } from '@enterprise-backup/schema/statements/upsert-target-system';
import { catalogEngines, type CatalogEngineUnderTest } from '@enterprise-backup/test-support/catalog-engines';
import { recordedOutput, type RecordedOutput } from '@enterprise-backup/test-support/recorded-output';
import { setClock, type SetClock } from '@enterprise-backup/test-support/set-clock';
import { deleteStoredRows, readStoredRows, type StoredRows } from '@enterprise-backup/test-support/stored-rows';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { createRecovery } from '../src/create-recovery.ts';

type Actions = typeof recoveryActions;

/** A recovery function over a catalog of its own, with a clock that tests set. */
export interface RecoveryUnderTest {
  readonly settings: CatalogSettings;
  readonly catalog: Catalog;
  readonly clock: SetClock;
  readonly output: RecordedOutput;
  /** The function as Lambda calls it. */
  readonly handle: FunctionHandler;
  call<Name extends RecoveryAction>(
    action: Name,
    request: RequestOf<Actions, Name>,
    awsRequestId?: string,
  ): Promise<ResponseOf<Actions, Name>>;
  rows(): Promise<StoredRows>;
}

/** When every test begins. */
export const startOfTests = '2026-05-01T00:00:00.000Z';

/** Defines a suite for each engine of the catalog; its tests begin with an empty catalog at the start of tests. */
export const describeOnEachEngine = (
  name: string,
  suite: (recovery: () => RecoveryUnderTest, engine: CatalogEngineUnderTest['name']) => void,
): void => {
  for (const engine of catalogEngines) {
    describe.skipIf(!engine.available)(`${name} on ${engine.name}`, () => {
      let started: RecoveryUnderTest | undefined;
      const undo: (() => Promise<void>)[] = [];
      const recovery = (): RecoveryUnderTest => {
        if (started === undefined) throw new Error('the recovery function has not been started');
        return started;
      };
      beforeAll(async () => {
        const running = await engine.start();
        undo.push(() => running.stop());
        const settings = await running.emptyCatalog();
        const catalog = await connectCatalog(settings);
        undo.push(() => catalog.close());
        await migrate(catalog);
        const clock = setClock(startOfTests);
        const output = recordedOutput();
        const handle = createRecovery({ catalog, clock, log: output.log, metrics: output.metrics });
        started = {
          settings,
          catalog,
          clock,
          output,
          handle,
          call: async (action, request, awsRequestId = randomUUID()) =>
            (await handle({ action, ...request }, { awsRequestId })) as never,
          rows: () => readStoredRows(catalog),
        };
      });
      beforeEach(async () => {
        await deleteStoredRows(recovery().catalog);
        recovery().clock.set(startOfTests);
        recovery().output.entries.length = 0;
        recovery().output.published.length = 0;
      });
      afterAll(async () => {
        for (const step of undo.toReversed()) await step();
      });
      suite(recovery, engine.name);
    });
  }
};

const evidence: BackupResult = {
  kind: 'backup',
  snapshot_id: '0'.repeat(64) as BackupResult['snapshot_id'],
  source_path: '/srv/data',
  files_new: 100,
  files_changed: 0,
  files_unmodified: 0,
  folders: 4,
  bytes_processed: 1_000_000,
  bytes_read: 1_000_000,
  bytes_added: 900_000,
  bytes_stored: 500_000,
  skipped_count: 0,
  skipped: [],
  duration_seconds: 2.5,
};

/** Registers the source `files-01` at /srv/data and the target `prod-db-01` at /restore, as their owner would. */
export const registerSystems = async ({ catalog }: RecoveryUnderTest): Promise<void> => {
  const times = { created_at: new Date(startOfTests), updated_at: new Date(startOfTests) };
  await upsertRepository(catalog, { location: '/backup', password_secret: 'main', created_at: times.created_at });
  const repository = await findRepositoryByLocation(catalog, '/backup');
  await upsertSourceSystem(catalog, {
    source_system: 'files-01',
    kind: 'filesystem',
    settings: { kind: 'filesystem', path: '/srv/data', excludes: [], allow_empty: false },
    repository_id: repository?.id ?? 0,
    ...times,
  });
  await registerTarget({ catalog }, 'prod-db-01', '/restore');
};

/** Registers a target system at this path. */
export const registerTarget = async (
  { catalog }: Pick<RecoveryUnderTest, 'catalog'>,
  target_system: string,
  path: string,
): Promise<void> => {
  const times = { created_at: new Date(startOfTests), updated_at: new Date(startOfTests) };
  await upsertTargetSystem(catalog, {
    target_system,
    kind: 'filesystem',
    settings: { kind: 'filesystem', path },
    ...times,
  });
};

/** Records a pending job of `files-01` and returns its number. */
export const recordJob = ({ catalog }: RecoveryUnderTest): Promise<number> =>
  insertJob(catalog, {
    job_name: 'nightly',
    source_system: 'files-01',
    backup_type: 'full',
    retention_days: 30,
    created_at: new Date(startOfTests),
  });

/** Records a completed job of `files-01` with its point, and returns its number. */
export const recordPoint = async (recovery: RecoveryUnderTest): Promise<number> => {
  const job_id = await recordJob(recovery);
  await completeJob(recovery.catalog, job_id, new Date(startOfTests));
  const repository = await findRepositoryByLocation(recovery.catalog, '/backup');
  const snapshot_id = job_id.toString(16).padStart(64, '0') as BackupResult['snapshot_id'];
  await insertRecoveryPoint(recovery.catalog, {
    job_id,
    repository_id: repository?.id ?? 0,
    snapshot_id,
    source_system: 'files-01',
    backup_type: 'full',
    evidence: { ...evidence, snapshot_id },
    created_at: new Date(startOfTests),
  });
  return job_id;
};
