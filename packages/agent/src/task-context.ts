import type { Clock } from '@enterprise-backup/contracts/clock';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { SharedLimits } from '@enterprise-backup/repository/transfer-limits';
import type { Log } from './json-log.ts';
import type { Secrets } from './secrets.ts';

/** What the work on one task is given. */
export interface TaskContext {
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly log: Log;
  /** What all tasks of the agent together may transfer; null for no limit. */
  readonly limits: SharedLimits | null;
  /** Whether an agent has held this task before: an attempt that was cut off may have left results. */
  readonly isRetry: boolean;
  /** To be called as work goes on; cheap, it only keeps the newest. */
  readonly onProgress: (progress: TaskProgress) => void;
  /** Aborted with the PlatformError that says why. The work then stops soon and throws. */
  readonly signal: AbortSignal;
}
