import { DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { AwsPlace } from './aws-clients.ts';
import { awsErrorName, callAws } from './call-aws.ts';

/** What CloudFormation knows of a stack, or null when there is none. Its id finds a deleted one as well. */
export async function findStack(place: AwsPlace, nameOrId: string): Promise<Stack | null> {
  try {
    const answer = await callAws(`look for the stack ${nameOrId}`, () =>
      place.cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId })),
    );
    return answer.Stacks?.[0] ?? null;
  } catch (error) {
    // CloudFormation has no error of its own for this.
    if (awsErrorName(error) === 'ValidationError' && /does not exist/.test(String(error))) return null;
    throw error;
  }
}

/** What a person does about a stack in a state from which CloudFormation cannot go on. */
const waysOut: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE: 'its creation failed; delete it with --delete and deploy again',
  ROLLBACK_FAILED: 'its creation failed and could not be undone; delete it with --delete and deploy again',
  CREATE_FAILED: 'its creation failed; delete it with --delete and deploy again',
  DELETE_FAILED: 'its deletion ended half-way; repeat it with --delete',
  UPDATE_ROLLBACK_FAILED:
    'an update could not be undone; see its events, mend the cause, then run aws cloudformation continue-update-rollback',
};

/** Throws STACK_BUSY or STACK_NOT_UPDATABLE when a change cannot begin in the stack's present state. */
export function assertUpdatable(stack: Stack): void {
  const { StackName = '' } = stack;
  const StackStatus: string = stack.StackStatus ?? '';
  if (StackStatus.endsWith('_IN_PROGRESS') && StackStatus !== 'REVIEW_IN_PROGRESS') {
    throw new PlatformError('STACK_BUSY', `the stack ${StackName} is in the state ${StackStatus}`);
  }
  const wayOut = waysOut[StackStatus];
  if (wayOut !== undefined) {
    throw new PlatformError('STACK_NOT_UPDATABLE', `the stack ${StackName} is in the state ${StackStatus}: ${wayOut}`);
  }
}
