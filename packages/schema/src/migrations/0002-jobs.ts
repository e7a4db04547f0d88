import { createTable } from './create-table.ts';
import type { Migration } from './migration.ts';

const backupTypes = ['full', 'incremental', 'differential'];

/** Schedules, the jobs that they and requests start, and the recovery points that completed jobs leave. */
export const jobs: Migration = {
  name: '0002_jobs',
  steps: (types) => [
    createTable(types, {
      table: 'backup_schedules',
      lines: [
        types.id('id'),
        `${types.text('job_name', 63)} not null`,
        `${types.text('source_system', 63)} not null`,
        `${types.choice('backup_type', backupTypes)} not null default 'incremental'`,
        `${types.text('cron_expression', 255)} not null`,
        `${types.text('time_zone', 64)} not null default 'UTC'`,
        `${types.integer('retention_days')} not null default 30`,
        `${types.boolean('enabled')} not null default 1`,
        `${types.time('last_due_at')} null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('updated_at')} not null default ${types.now}`,
        'constraint backup_schedules_job_name unique (job_name)',
        'constraint backup_schedules_source foreign key (source_system) references source_systems (source_system)',
      ],
      indexes: { backup_schedules_source: 'source_system' },
    }),
    createTable(types, {
      table: 'backup_jobs',
      lines: [
        types.id('id'),
        `${types.text('job_name', 63)} not null`,
        `${types.text('source_system', 63)} not null`,
        `${types.choice('backup_type', backupTypes)} not null`,
        `${types.choice('status', ['pending', 'running', 'completed', 'failed'])} not null default 'pending'`,
        `${types.reference('schedule_id')} null`,
        `${types.time('due_at')} null`,
        `${types.text('request_id', 128)} null`,
        `${types.integer('retention_days')} not null default 30`,
        `${types.json('error')} null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('started_at')} null`,
        `${types.time('completed_at')} null`,
        'constraint backup_jobs_request unique (request_id)',
        // A tick that is repeated for the same minute adds no second job.
        'constraint backup_jobs_due unique (schedule_id, due_at)',
        'constraint backup_jobs_schedule foreign key (schedule_id) references backup_schedules (id) on delete set null',
      ],
      indexes: { backup_jobs_source: 'source_system, status, id', backup_jobs_status: 'status, id' },
    }),
    createTable(types, {
      table: 'recovery_points',
      lines: [
        `${types.reference('job_id')} not null primary key`,
        `${types.reference('repository_id')} not null`,
        `${types.fixedText('snapshot_id', 64)} not null`,
        `${types.text('source_system', 63)} not null`,
        `${types.choice('backup_type', backupTypes)} not null`,
        `${types.json('evidence')} not null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.text('hold_reason', 255)} null`,
        `${types.time('last_proven_at')} null`,
        `${types.time('forgotten_at')} null`,
        'constraint recovery_points_snapshot unique (repository_id, snapshot_id)',
        'constraint recovery_points_job foreign key (job_id) references backup_jobs (id)',
        'constraint recovery_points_repository foreign key (repository_id) references repositories (id)',
      ],
      indexes: { recovery_points_source: 'source_system, job_id' },
    }),
  ],
};
