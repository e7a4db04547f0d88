import type { z } from 'zod';
import { PlatformError } from './errors.ts';
import { describeIssues, validateRequest } from './validate.ts';

/** What a function can be asked, by the name of the action: the shapes of request and answer. */
export type ActionTable = Readonly<Record<string, { readonly request: z.ZodObject; readonly response: z.ZodType }>>;

/** What a caller passes for an action; fields with a default may be left out. */
export type RequestOf<Table extends ActionTable, Name extends keyof Table> = z.input<Table[Name]['request']>;
/** A checked request, defaults filled in. */
export type ValidRequestOf<Table extends ActionTable, Name extends keyof Table> = z.output<Table[Name]['request']>;
/** What a handler hands back, to be checked against the contract before it is answered. */
export type AnswerOf<Table extends ActionTable, Name extends keyof Table> = z.input<Table[Name]['response']>;
/** What an action answers. */
export type ResponseOf<Table extends ActionTable, Name extends keyof Table> = z.output<Table[Name]['response']>;

/** One function for each action of a table. */
export type ActionHandlers<Table extends ActionTable, Context> = {
  readonly [Name in keyof Table]: (
    request: ValidRequestOf<Table, Name>,
    context: Context,
  ) => Promise<AnswerOf<Table, Name>>;
};

/**
 * Checks an event, calls the handler of its action, and answers exactly what the contract names. `defaultAction` is
 * taken when the event names none. Throws REQUEST_INVALID, ACTION_UNKNOWN, what the handler throws, or INTERNAL when the
 * handler's answer breaks the contract.
 */
export async function dispatchAction<Table extends ActionTable, Context>(
  table: Table,
  handlers: ActionHandlers<Table, Context>,
  event: unknown,
  context: Context,
  defaultAction?: keyof Table & string,
): Promise<unknown> {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new PlatformError('REQUEST_INVALID', 'the request is not a JSON object');
  }
  const { action = defaultAction, ...fields } = event as { readonly action?: unknown };
  if (typeof action !== 'string' || !Object.hasOwn(table, action)) {
    const known = Object.keys(table).join(', ');
    const named = action === undefined ? 'no action' : `the action ${JSON.stringify(action).slice(0, 80)}`;
    throw new PlatformError('ACTION_UNKNOWN', `the request names ${named}; known actions are ${known}`);
  }
  const name = action as keyof Table & string;
  const contract = table[name];
  if (contract === undefined) throw new PlatformError('ACTION_UNKNOWN', `the action ${name} is not known`);
  const request = validateRequest(contract.request.strict(), fields) as ValidRequestOf<Table, typeof name>;
  const answer = contract.response.safeParse(await handlers[name](request, context));
  if (answer.success) return answer.data;
  throw new PlatformError('INTERNAL', `the answer of ${name} is not valid: ${describeIssues(answer.error)}`);
}
