import * as z from 'zod';
import { count } from './catalog.ts';

/** What an agent does at the moment, in the order in which it happens. */
export const phase = z.enum(['waiting', 'opening', 'planning', 'reading', 'writing', 'verifying', 'finishing', 'done']);
export type Phase = z.infer<typeof phase>;

/** Progress of a task as the agent reports it. Totals are null until they are known. */
export const taskProgress = z.object({
  phase,
  bytes_done: count,
  bytes_total: count.nullable(),
  files_done: count,
  files_total: count.nullable(),
});
export type TaskProgress = z.infer<typeof taskProgress>;

/** Progress as a person or a client asks for it. */
export const progressView = taskProgress.extend({
  /** 0 to 100, null while the total is unknown. Reaches 100 only when the work is completed. */
  percent: z.number().min(0).max(100).nullable(),
  bytes_per_second: count.nullable(),
  eta_seconds: count.nullable(),
});
export type ProgressView = z.infer<typeof progressView>;
