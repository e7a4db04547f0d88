import { PlatformError } from '@enterprise-backup/contracts/errors';
import { validateRequest } from '@enterprise-backup/contracts/validate';
import { createFile } from '../files/create-file.ts';
import { readTextFile } from '../files/read-text-file.ts';
import type { Output } from '../output/output.ts';

type PlanSchema = Parameters<typeof validateRequest>[0];

/** What a person may say to a command that plans first. */
export interface PlanOptions {
  readonly plan?: string;
  readonly apply?: boolean;
}

/** Whether the plan is to be taken from a file instead of being made. */
export function isPlanFromFile({ plan, apply }: PlanOptions): boolean {
  return apply === true && plan !== undefined;
}

/** Refuses options that shape a plan when the plan is in a file. Throws CLI_USAGE. */
export function assertNothingElse(given: readonly unknown[]): void {
  if (given.some((value) => value !== undefined && value !== false)) {
    throw new PlatformError('CLI_USAGE', 'a plan in a file says all of it already: leave the other options out');
  }
}

/** Reads a plan that `keepPlan` has written. Throws FILE_UNREADABLE, REQUEST_INVALID. */
export async function readPlanFile<Schema extends PlanSchema>(
  schema: Schema,
  path: string | undefined,
): Promise<ReturnType<typeof validateRequest<Schema>>> {
  let json: unknown;
  try {
    json = JSON.parse(await readTextFile(path ?? ''));
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    throw new PlatformError('REQUEST_INVALID', `${path ?? ''} is not JSON`, { cause: error });
  }
  return validateRequest(schema, json);
}

/** Ends a command that has only planned: writes the plan to its file, if there is one, and says that nothing was changed. */
export async function keepPlan(output: Output, plan: object, { plan: path }: PlanOptions): Promise<void> {
  if (path !== undefined) await createFile(path, `${JSON.stringify(plan, null, 2)}\n`);
  output.line(path === undefined ? 'Nothing was changed.' : `Nothing was changed. The plan is in ${path}.`);
}
