import type { AnswerOf, ValidRequestOf } from '@enterprise-backup/contracts/actions';
import type { Clock } from '@enterprise-backup/contracts/clock';
import type { FunctionLog, FunctionMetrics } from '@enterprise-backup/contracts/invocation';
import type { OrchestratorAction, orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { Catalog } from '@enterprise-backup/schema/catalog';

/** What every action works with. */
export interface OrchestratorServices {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: FunctionLog;
  readonly metrics: FunctionMetrics;
}

/** A checked request of an action, defaults filled in. */
export type RequestFor<Name extends OrchestratorAction> = ValidRequestOf<typeof orchestratorActions, Name>;
/** What an action hands back to be checked and answered. */
export type AnswerTo<Name extends OrchestratorAction> = AnswerOf<typeof orchestratorActions, Name>;
