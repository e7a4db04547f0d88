import { DeleteStackCommand, ListStackResourcesCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CommandContext } from '../command-context.ts';
import type { Output } from '../output/output.ts';
import { openAwsPlace, type AwsPlace } from './aws-clients.ts';
import { callAws } from './call-aws.ts';
import { confirm } from './confirm.ts';
import type { DeployOptions } from './deploy.ts';
import { firstFailure } from './first-failure.ts';
import { followStack } from './follow-stack.ts';
import { readMainTemplate } from './main-template.ts';
import { eventsAfter } from './stack-events.ts';
import { findStack } from './stack-status.ts';

/** A resource that outlives its stack, and how. */
export interface KeptResource {
  readonly logical_id: string;
  readonly type: string;
  readonly physical_id: string;
  readonly how: 'kept' | 'snapshot';
}

/**
 * Deletes a stack after it has said what stays, and why. Throws STACK_NOT_FOUND; STACK_PROTECTED when the database or
 * the stack is protected from deletion; DEPLOYMENT_FAILED with the first failure; and what its steps throw.
 */
export async function deleteStack(context: CommandContext, options: DeployOptions): Promise<void> {
  const { output, signal } = context;
  const place = await openAwsPlace(options.region, signal);
  try {
    const stack = await findStack(place, options.stackName);
    if (stack === null) throw new PlatformError('STACK_NOT_FOUND', `there is no stack ${options.stackName}`);
    const kept = await keptResources(place, stack);
    explain(output, stack, kept);
    if (options.plan === true) {
      output.line('Nothing was changed.');
      return;
    }
    assertUnprotected(stack);
    if (options.yes !== true) {
      await confirm(`This will delete ${options.stackName}.`, options.stackName, signal);
    }
    await remove(context, place, stack);
    output.line(`The stack ${options.stackName} is deleted.`);
  } finally {
    place.close();
  }
}

async function keptResources(place: AwsPlace, stack: Stack): Promise<readonly KeptResource[]> {
  const { resources } = readMainTemplate();
  const kept: KeptResource[] = [];
  let token: string | undefined;
  do {
    const NextToken = token;
    const page = await callAws('list the resources of the stack', () =>
      place.cloudFormation.send(
        new ListStackResourcesCommand({
          StackName: stack.StackId ?? '',
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
      ),
    );
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ??
      []) {
      const policy = resources[LogicalResourceId]?.DeletionPolicy;
      if (policy !== 'Retain' && policy !== 'Snapshot') continue;
      const how = policy === 'Retain' ? 'kept' : 'snapshot';
      kept.push({ logical_id: LogicalResourceId, type: ResourceType, physical_id: PhysicalResourceId, how });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return kept;
}

function explain(output: Output, stack: Stack, kept: readonly KeptResource[]): void {
  output.object({ deletion: { stack: stack.StackName, kept } });
  output.line(`Deleting ${stack.StackName ?? ''} ends backups and recoveries. What holds data stays:`);
  output.table({
    columns: [{ title: 'resource' }, { title: 'name or id' }, { title: 'what becomes of it' }],
    rows: kept.map(({ logical_id, physical_id, how }) => [
      logical_id,
      physical_id,
      how === 'kept' ? 'is kept as it is' : 'a last snapshot of it is kept',
    ]),
  });
  output.line('Bucket and key of the DR Region stay as well. All of it goes on to cost what it stores.');
  output.line('With the bucket and the password in RepositorySecret, restic or backupctl can restore everything.');
  output.line('A new stack of the same name is refused while they are there; see "Deletion" in docs/operations.md.');
}

function assertUnprotected(stack: Stack): void {
  const name = stack.StackName ?? '';
  if (stack.EnableTerminationProtection === true) {
    throw new PlatformError('STACK_PROTECTED', `termination protection of the stack ${name} is on`);
  }
  const environment = stack.Parameters?.find(({ ParameterKey }) => ParameterKey === 'Environment')?.ParameterValue;
  // A stack whose creation failed has no database that could be protected.
  const hasDatabase = stack.StackStatus !== 'ROLLBACK_COMPLETE' && stack.StackStatus !== 'REVIEW_IN_PROGRESS';
  if (environment === 'production' && hasDatabase) {
    throw new PlatformError('STACK_PROTECTED', `the stack ${name} is production: its database is protected`);
  }
}

async function remove({ output, signal }: CommandContext, place: AwsPlace, stack: Stack): Promise<void> {
  const stackId = stack.StackId ?? '';
  const before = await eventsAfter(place, stackId, null);
  await callAws(`delete the stack ${stack.StackName ?? ''}`, () =>
    place.cloudFormation.send(new DeleteStackCommand({ StackName: stackId })),
  );
  const total = Object.keys(readMainTemplate().resources).length;
  const display = output.stack('delete', total);
  try {
    const ended = await followStack(place, stackId, before.at(-1)?.event_id ?? null, display, signal);
    if (ended.status === 'DELETE_COMPLETE') return;
    const failure = await firstFailure(place, stackId, ended.events);
    display.stop();
    output.object({ failure });
    if (failure !== null) output.line(`what to do  ${failure.advice}`);
    throw new PlatformError(
      'DEPLOYMENT_FAILED',
      failure === null
        ? `the stack ended in ${ended.status}`
        : `${failure.logical_id} (${failure.type}) could not be deleted: ${failure.reason}`,
    );
  } finally {
    display.stop();
  }
}
