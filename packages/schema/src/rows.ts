import type { BackupType, JobStatus, TaskKind, TaskStatus } from '@enterprise-backup/contracts/catalog';
import type { ErrorReport } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { SourceSettings, TargetSettings } from '@enterprise-backup/contracts/systems';
import type {
  BackupResult,
  RecoveryResult,
  TaskResult,
  TaskSpecification,
  VerifyResult,
} from '@enterprise-backup/contracts/tasks';
import type { Knex } from 'knex';

/** RFC 3339 in UTC with milliseconds, such as `2026-11-22T23:00:00.000Z`, as a time is read. Bind a `Date`. */
export type StoredTime = string;

export interface RepositoryRow {
  readonly id: number;
  readonly location: string;
  readonly password_secret: string;
  readonly created_at: StoredTime;
}

export interface SourceSystemRow {
  readonly id: number;
  readonly source_system: string;
  readonly kind: string;
  readonly settings: SourceSettings;
  readonly repository_id: number;
  readonly created_at: StoredTime;
  readonly updated_at: StoredTime;
}

export interface TargetSystemRow {
  readonly id: number;
  readonly target_system: string;
  readonly kind: string;
  readonly settings: TargetSettings;
  readonly created_at: StoredTime;
  readonly updated_at: StoredTime;
}

export interface ScheduleRow {
  readonly id: number;
  readonly job_name: string;
  readonly source_system: string;
  readonly backup_type: BackupType;
  readonly cron_expression: string;
  readonly time_zone: string;
  readonly retention_days: number;
  readonly enabled: boolean;
  readonly last_due_at: StoredTime | null;
  readonly created_at: StoredTime;
  readonly updated_at: StoredTime;
}

export interface JobRow {
  readonly id: number;
  readonly job_name: string;
  readonly source_system: string;
  readonly backup_type: BackupType;
  readonly status: JobStatus;
  readonly schedule_id: number | null;
  readonly due_at: StoredTime | null;
  readonly request_id: string | null;
  readonly retention_days: number;
  readonly error: ErrorReport | null;
  readonly created_at: StoredTime;
  readonly started_at: StoredTime | null;
  readonly completed_at: StoredTime | null;
}

export interface RecoveryPointRow {
  readonly job_id: number;
  readonly repository_id: number;
  readonly snapshot_id: string;
  readonly source_system: string;
  readonly backup_type: BackupType;
  readonly evidence: BackupResult;
  readonly created_at: StoredTime;
  readonly hold_reason: string | null;
  readonly last_proven_at: StoredTime | null;
  readonly forgotten_at: StoredTime | null;
}

export interface RecoveryRow {
  readonly id: number;
  readonly job_id: number;
  readonly target_system: string;
  readonly include_patterns: readonly string[];
  readonly dry_run: boolean;
  readonly status: TaskStatus;
  readonly request_id: string | null;
  readonly expected_seconds: number | null;
  readonly result: RecoveryResult | null;
  readonly verification: VerifyResult | null;
  readonly error: ErrorReport | null;
  readonly created_at: StoredTime;
  readonly started_at: StoredTime | null;
  readonly completed_at: StoredTime | null;
}

export interface TaskRow {
  readonly id: number;
  readonly kind: TaskKind;
  readonly status: TaskStatus;
  readonly job_id: number | null;
  readonly recovery_id: number | null;
  readonly specification: TaskSpecification;
  readonly lease_owner: string | null;
  readonly lease_generation: number;
  readonly lease_expires_at: StoredTime | null;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly not_before: StoredTime;
  readonly cancel_requested: boolean;
  readonly progress: TaskProgress | null;
  readonly progress_since: StoredTime | null;
  readonly result: TaskResult | null;
  readonly error: ErrorReport | null;
  readonly created_at: StoredTime;
  readonly completed_at: StoredTime | null;
}

export interface AgentRow {
  readonly agent_id: string;
  readonly host_name: string;
  readonly version: string;
  readonly state: AgentState;
  readonly last_seen_at: StoredTime;
}

/** What an agent said of itself when it was last heard. That it is lost is seen from `last_seen_at` and not stored. */
export type AgentState = 'ready' | 'busy' | 'draining';

/** Columns that hold a time: a statement binds a `Date` and reads {@link StoredTime}. */
export type TimeColumn =
  | 'completed_at'
  | 'created_at'
  | 'due_at'
  | 'forgotten_at'
  | 'last_due_at'
  | 'last_proven_at'
  | 'last_seen_at'
  | 'lease_expires_at'
  | 'not_before'
  | 'progress_since'
  | 'started_at'
  | 'updated_at';

/** A row as it is written: times are dates. */
export type Written<Row> = {
  -readonly [Name in keyof Row]: Name extends TimeColumn ? Date | Extract<Row[Name], null> : Row[Name];
};

/** A new row: what has a default (the columns named in `Default`), an id of the database, or may be null can be left out. */
export type NewRow<Row, Default extends keyof Row = never> = Omit<Written<Row>, Default | NullableColumn<Row>> &
  Partial<Pick<Written<Row>, Default | NullableColumn<Row>>>;

type NullableColumn<Row> = { [Name in keyof Row]: null extends Row[Name] ? Name : never }[keyof Row];

type Table<Row, Default extends keyof Row = never> = Knex.CompositeTableType<
  Row,
  NewRow<Row, Default>,
  Partial<Written<Row>>
>;

declare module 'knex/types/tables.js' {
  interface Tables {
    repositories: Table<RepositoryRow, 'id' | 'created_at'>;
    source_systems: Table<SourceSystemRow, 'id' | 'created_at' | 'updated_at'>;
    target_systems: Table<TargetSystemRow, 'id' | 'created_at' | 'updated_at'>;
    backup_schedules: Table<
      ScheduleRow,
      'id' | 'backup_type' | 'time_zone' | 'retention_days' | 'enabled' | 'created_at' | 'updated_at'
    >;
    backup_jobs: Table<JobRow, 'id' | 'backup_type' | 'status' | 'retention_days' | 'created_at'>;
    recovery_points: Table<RecoveryPointRow, 'created_at'>;
    recoveries: Table<RecoveryRow, 'id' | 'include_patterns' | 'dry_run' | 'status' | 'created_at'>;
    tasks: Table<
      TaskRow,
      | 'id'
      | 'status'
      | 'lease_generation'
      | 'attempts'
      | 'max_attempts'
      | 'not_before'
      | 'cancel_requested'
      | 'created_at'
    >;
    agents: Table<AgentRow, 'state'>;
  }
}
