import * as z from 'zod';

/** full reads everything again; incremental compares with the newest point; differential with the newest full point. */
export const backupType = z.enum(['full', 'incremental', 'differential']);
export type BackupType = z.infer<typeof backupType>;

/** Status of a job. */
export const jobStatus = z.enum(['pending', 'running', 'completed', 'failed']);
export type JobStatus = z.infer<typeof jobStatus>;

/** Status of a task and of a recovery. */
export const taskStatus = z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']);
export type TaskStatus = z.infer<typeof taskStatus>;

/** What an agent can be asked to do. */
export const taskKind = z.enum(['backup', 'recovery', 'verify', 'forget']);
export type TaskKind = z.infer<typeof taskKind>;

/** RFC 3339 time in UTC, as in every answer. */
export const timestamp = z.iso.datetime({ offset: false });

/** Name of a source system, target system or job: what a person types, safe in a tag, a path and a metric's dimension. */
export const systemName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 letters, digits, dots, dashes or underscores');

/** Days a point is kept. */
export const retentionDays = z.int().min(1).max(36_500);

/** A count or a size in bytes. */
export const count = z.int().min(0);
