import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  type Change,
  type Parameter,
} from '@aws-sdk/client-cloudformation';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { AwsPlace } from './aws-clients.ts';
import { callAws } from './call-aws.ts';
import { pause } from './pause.ts';
import { toPlannedChange, type PlannedChange } from './planned-change.ts';

/** A change of a stack that CloudFormation has worked out and not made. */
export interface ChangeSet {
  readonly id: string;
  readonly stackId: string;
  readonly kind: 'create' | 'update';
  readonly changes: readonly PlannedChange[];
}

export interface ChangeSetRequest {
  readonly stackName: string;
  readonly kind: ChangeSet['kind'];
  readonly template: string;
  readonly parameters: readonly Parameter[];
  /** Tells this change set from all others of the stack. */
  readonly name: string;
}

const secondsBetweenLooks = 2;
/** What CloudFormation says of a change set that would change nothing: no error code tells it. */
const nothingToDo = /didn't contain changes|No updates are to be performed/;

/** Has CloudFormation work out a change; null when there is nothing to change. Throws CHANGE_SET_FAILED with its reason. */
export async function createChangeSet(
  place: AwsPlace,
  request: ChangeSetRequest,
  signal: AbortSignal,
): Promise<ChangeSet | null> {
  const begun = await beginPlan(place, request);
  if (begun === null) return null;
  const { id, stackId } = begun;
  for (;;) {
    const found = await describe(place, id);
    if (found.status === 'CREATE_COMPLETE') {
      return { id, stackId, kind: request.kind, changes: found.changes.map(toPlannedChange) };
    }
    if (found.status === 'FAILED') {
      await discardChangeSet(place, { id, stackId, kind: request.kind });
      if (nothingToDo.test(found.reason)) return null;
      throw new PlatformError('CHANGE_SET_FAILED', `the change cannot be made: ${found.reason}`);
    }
    await pause(secondsBetweenLooks, signal);
  }
}

async function beginPlan(
  { cloudFormation }: AwsPlace,
  request: ChangeSetRequest,
): Promise<Pick<ChangeSet, 'id' | 'stackId'> | null> {
  const command = new CreateChangeSetCommand({
    StackName: request.stackName,
    ChangeSetName: request.name,
    ChangeSetType: request.kind === 'create' ? 'CREATE' : 'UPDATE',
    TemplateBody: request.template,
    Parameters: [...request.parameters],
    Capabilities: ['CAPABILITY_NAMED_IAM'],
  });
  try {
    const answer = await callAws(`plan the stack ${request.stackName}`, () => cloudFormation.send(command));
    return { id: answer.Id ?? '', stackId: answer.StackId ?? '' };
  } catch (error) {
    if (error instanceof PlatformError && nothingToDo.test(error.message)) return null;
    throw error;
  }
}

async function describe(
  { cloudFormation }: AwsPlace,
  id: string,
): Promise<{ readonly status: string; readonly reason: string; readonly changes: readonly Change[] }> {
  const changes: Change[] = [];
  let token: string | undefined;
  for (;;) {
    const NextToken = token;
    const page = await callAws('read the plan', () =>
      cloudFormation.send(
        new DescribeChangeSetCommand({ ChangeSetName: id, ...(NextToken === undefined ? {} : { NextToken }) }),
      ),
    );
    changes.push(...(page.Changes ?? []));
    token = page.NextToken;
    if (token === undefined) return { status: page.Status ?? '', reason: page.StatusReason ?? '', changes };
  }
}

/** Makes the change. */
export async function executeChangeSet({ cloudFormation }: AwsPlace, { id }: ChangeSet): Promise<void> {
  await callAws('make the change', () => cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName: id })));
}

/** Takes a plan back, and with it the empty stack that CloudFormation makes for the plan of a creation. */
export async function discardChangeSet(
  { cloudFormation }: AwsPlace,
  { id, stackId, kind }: Pick<ChangeSet, 'id' | 'stackId' | 'kind'>,
): Promise<void> {
  await callAws('take the plan back', () => cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: id })));
  if (kind === 'create') {
    await callAws('take the empty stack of the plan back', () =>
      cloudFormation.send(new DeleteStackCommand({ StackName: stackId })),
    );
  }
}
