import type { ActionTable, RequestOf, ResponseOf } from '@enterprise-backup/contracts/actions';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { validateResponse } from '@enterprise-backup/contracts/validate';
import type { InvokeClient, InvokeOptions } from './invoke-client.ts';

/** Asks a function for one of its actions. Throws what `InvokeClient.invoke` throws. */
export type ActionCaller<Table extends ActionTable> = <Name extends keyof Table & string>(
  action: Name,
  request: RequestOf<Table, Name>,
  options?: InvokeOptions,
) => Promise<ResponseOf<Table, Name>>;

/** The actions of one function, each with its own types; answers are checked against the contract. */
export function actionCaller<Table extends ActionTable>(
  client: InvokeClient,
  functionName: string,
  table: Table,
): ActionCaller<Table> {
  return async (action, request, options) => {
    const contract = table[action];
    if (contract === undefined) throw new PlatformError('ACTION_UNKNOWN', `the action ${action} is not known`);
    const answer = await client.invoke(functionName, { action, ...request }, options);
    return validateResponse(contract.response, answer) as ResponseOf<Table, typeof action>;
  };
}
