import * as z from 'zod';

/** Kinds of numbered records, and the word that starts their id: record 123 of `backup` is `backup-123`. */
const idPattern = (word: string): RegExp => new RegExp(`^${word}-([1-9][0-9]{0,14})$`);

const numbered = <Word extends string>(word: Word) =>
  z.string().regex(idPattern(word), `must look like ${word}-123`).brand<`${Word}_id`>();

/** Id of a job and of the recovery point that it makes, such as `backup-123`. */
export const backupId = numbered('backup');
export type BackupId = z.infer<typeof backupId>;

/** Id of a recovery, such as `recovery-45`. */
export const recoveryId = numbered('recovery');
export type RecoveryId = z.infer<typeof recoveryId>;

/** Id of a task, such as `task-7`. */
export const taskId = numbered('task');
export type TaskId = z.infer<typeof taskId>;

/** Id of a schedule, such as `schedule-2`. */
export const scheduleId = numbered('schedule');
export type ScheduleId = z.infer<typeof scheduleId>;

/** Id of a repository that the catalog knows, such as `repository-1`. */
export const repositoryId = numbered('repository');
export type RepositoryId = z.infer<typeof repositoryId>;

/** Formats the catalog's row number as an id: `toBackupId(123)` is `backup-123`. */
export const toBackupId = (row: number): BackupId => backupId.parse(`backup-${row}`);
/** Formats the catalog's row number as an id: `toRecoveryId(45)` is `recovery-45`. */
export const toRecoveryId = (row: number): RecoveryId => recoveryId.parse(`recovery-${row}`);
/** Formats the catalog's row number as an id: `toTaskId(7)` is `task-7`. */
export const toTaskId = (row: number): TaskId => taskId.parse(`task-${row}`);
/** Formats the catalog's row number as an id: `toScheduleId(2)` is `schedule-2`. */
export const toScheduleId = (row: number): ScheduleId => scheduleId.parse(`schedule-${row}`);
/** Formats the catalog's row number as an id: `toRepositoryId(1)` is `repository-1`. */
export const toRepositoryId = (row: number): RepositoryId => repositoryId.parse(`repository-${row}`);

/** The row number inside an id: `rowOf('backup-123')` is 123. The id has been validated at the border. */
export function rowOf(id: BackupId | RecoveryId | TaskId | ScheduleId | RepositoryId): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

/** Restic's id of a snapshot, 64 lower-case hex digits. */
export const snapshotId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
  .brand<'snapshot_id'>();
export type SnapshotId = z.infer<typeof snapshotId>;
