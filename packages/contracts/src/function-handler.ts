import { dispatchAction, type ActionHandlers, type ActionTable } from './actions.ts';
import type { Clock } from './clock.ts';
import { PlatformError, withHint } from './errors.ts';
import type { FunctionHandler, FunctionLog, FunctionMetrics, InvocationContext } from './invocation.ts';

/** What makes a function out of the handlers of its actions. */
export interface FunctionDefinition<Table extends ActionTable> {
  readonly table: Table;
  readonly handlers: ActionHandlers<Table, InvocationContext>;
  /** The action of an event that names none. */
  readonly defaultAction?: keyof Table & string;
  /** Actions that come every few seconds: their success is logged at the level debug. */
  readonly routineActions?: readonly (keyof Table & string)[];
  readonly clock: Clock;
  readonly log: FunctionLog;
  readonly metrics: FunctionMetrics;
}

/**
 * The function as Lambda calls it: checks the event, runs its action, checks the answer, writes one log entry with the
 * action, the seconds and the code of a failure, and publishes the metrics. No entry holds anything of the event but the
 * action's name, so the sentence of a refusal, which may quote the event, is for the caller alone. Rejects with PlatformErrors only: any other error is logged with its cause and becomes INTERNAL, which
 * does not show the cause.
 */
export function createFunctionHandler<Table extends ActionTable>(
  definition: FunctionDefinition<Table>,
): FunctionHandler {
  const { table, handlers, defaultAction, routineActions = [], clock, log, metrics } = definition;
  return async (event, context) => {
    const started = clock.now();
    const entry = (): Record<string, unknown> => ({
      action: actionOf(table, event, defaultAction),
      request_id: context.awsRequestId,
      duration_seconds: (clock.now().getTime() - started.getTime()) / 1000,
    });
    try {
      const answer = await dispatchAction(table, handlers, event, context, defaultAction);
      log[routineActions.includes(actionOf(table, event, defaultAction)) ? 'debug' : 'info'](
        'action completed',
        entry(),
      );
      return answer;
    } catch (error) {
      const shown = error instanceof PlatformError ? error : hidden(context);
      const level = shown.kind === 'internal' || shown.kind === 'unavailable' ? 'error' : 'warn';
      // `error` is the field in which Powertools writes out an error with its causes.
      const cause = level === 'error' ? { error } : {};
      log[level]('action failed', { ...entry(), code: shown.code, ...cause });
      throw withHint(shown);
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
}

function hidden(context: InvocationContext): PlatformError {
  return new PlatformError(
    'INTERNAL',
    `the platform failed; its log tells why under request_id ${context.awsRequestId}`,
  );
}

/** Only names of the table are logged: anything else is a stranger's text. */
function actionOf(table: ActionTable, event: unknown, defaultAction: string | undefined): string {
  const named: unknown = (typeof event === 'object' && event !== null && Reflect.get(event, 'action')) ?? defaultAction;
  return typeof named === 'string' && Object.hasOwn(table, named) ? named : 'unknown';
}
