import { createTable } from './create-table.ts';
import type { Migration } from './migration.ts';

const taskStatuses = ['pending', 'running', 'completed', 'failed', 'cancelled'];

/** Recoveries, and the tasks that agents execute for jobs and recoveries. */
export const tasks: Migration = {
  name: '0003_tasks',
  steps: (types) => [
    createTable(types, {
      table: 'recoveries',
      lines: [
        types.id('id'),
        `${types.reference('job_id')} not null`,
        `${types.text('target_system', 63)} not null`,
        `${types.json('include_patterns')} not null`,
        `${types.boolean('dry_run')} not null default 0`,
        `${types.choice('status', taskStatuses)} not null default 'pending'`,
        `${types.text('request_id', 128)} null`,
        `${types.integer('expected_seconds')} null`,
        `${types.json('result')} null`,
        `${types.json('verification')} null`,
        `${types.json('error')} null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('started_at')} null`,
        `${types.time('completed_at')} null`,
        'constraint recoveries_request unique (request_id)',
        'constraint recoveries_job foreign key (job_id) references backup_jobs (id)',
      ],
      indexes: { recoveries_job: 'job_id', recoveries_status: 'status, id' },
    }),
    createTable(types, {
      table: 'tasks',
      lines: [
        types.id('id'),
        `${types.choice('kind', ['backup', 'recovery', 'verify', 'forget'])} not null`,
        `${types.choice('status', taskStatuses)} not null default 'pending'`,
        `${types.reference('job_id')} null`,
        `${types.reference('recovery_id')} null`,
        `${types.json('specification')} not null`,
        `${types.text('lease_owner', 255)} null`,
        `${types.integer('lease_generation')} not null default 0`,
        `${types.time('lease_expires_at')} null`,
        `${types.integer('attempts')} not null default 0`,
        `${types.integer('max_attempts')} not null default 5`,
        `${types.time('not_before')} not null default ${types.now}`,
        `${types.boolean('cancel_requested')} not null default 0`,
        `${types.json('progress')} null`,
        `${types.time('progress_since')} null`,
        `${types.json('result')} null`,
        `${types.json('error')} null`,
        `${types.time('created_at')} not null default ${types.now}`,
        `${types.time('completed_at')} null`,
        'constraint tasks_job foreign key (job_id) references backup_jobs (id)',
        'constraint tasks_recovery foreign key (recovery_id) references recoveries (id)',
      ],
      indexes: {
        tasks_claim: 'status, not_before, id',
        tasks_job: 'job_id',
        tasks_lease: 'status, lease_expires_at',
        tasks_recovery: 'recovery_id',
      },
    }),
  ],
};
