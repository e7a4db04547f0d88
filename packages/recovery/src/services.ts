import type { ValidRequestOf } from '@enterprise-backup/contracts/actions';
import type { Clock } from '@enterprise-backup/contracts/clock';
import type { FunctionLog, FunctionMetrics } from '@enterprise-backup/contracts/invocation';
import type { RecoveryAction, recoveryActions, RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { Catalog } from '@enterprise-backup/schema/catalog';

/** What every action works with. */
export interface RecoveryServices {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: FunctionLog;
  readonly metrics: FunctionMetrics;
}

/** A checked request of an action, defaults filled in. */
export type RequestFor<Name extends RecoveryAction> = ValidRequestOf<typeof recoveryActions, Name>;

/** What the actions about one recovery hand back. */
export interface RecoveryAnswer {
  readonly recovery: RecoveryView;
}
