import type { Stack } from '@aws-sdk/client-cloudformation';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CommandContext } from '../command-context.ts';
import { openAwsPlace, type AwsPlace } from './aws-clients.ts';
import { createChangeSet, discardChangeSet, executeChangeSet, type ChangeSet } from './change-set.ts';
import { checkParameters } from './check-parameters.ts';
import { confirm } from './confirm.ts';
import { deleteStack } from './delete-stack.ts';
import { firstFailure } from './first-failure.ts';
import { followStack, type EndedOperation } from './follow-stack.ts';
import { readMainTemplate, type MainTemplate } from './main-template.ts';
import { readParametersFile, type ParameterValues } from './parameters-file.ts';
import { changesThatLoseData } from './planned-change.ts';
import { buildAndRead, publishTo } from './publish.ts';
import { requestParameters } from './request-parameters.ts';
import { secretValues, withoutSecrets } from './secret-values.ts';
import { eventsAfter } from './stack-events.ts';
import { assertUpdatable, findStack } from './stack-status.ts';
import { writeChanges, writeResult } from './stack-view.ts';

/** What a person may say about a deployment. */
export interface DeployOptions {
  readonly parameters: string;
  readonly region?: string;
  readonly stackName: string;
  readonly plan?: boolean;
  readonly delete?: boolean;
  readonly yes?: boolean;
  readonly replaceData?: boolean;
  /** Folder of what was built before; left out, it is built. */
  readonly built?: string;
}

/**
 * Brings a stack of main.yaml up, or up to date: holds the parameters against the template, publishes the artifacts, has
 * CloudFormation plan, shows the plan, asks, makes the change and follows it to its end. Nothing is called before the
 * parameters are right. Throws what its steps throw; DATA_WOULD_BE_REPLACED; DEPLOYMENT_FAILED with the first failure.
 */
export async function deploy(context: CommandContext, options: DeployOptions): Promise<void> {
  if (options.delete === true) {
    await deleteStack(context, options);
    return;
  }
  const template = readMainTemplate();
  const given = await readParametersFile(options.parameters);
  // Held against the Region that is known without a call; the one of AWS's configuration follows below.
  checkParameters(template.parameters, given, options.region ?? '');
  const place = await openAwsPlace(options.region, context.signal);
  try {
    checkParameters(template.parameters, given, place.region);
    await change(context, options, { place, template, given });
  } finally {
    place.close();
  }
}

interface Deployment {
  readonly place: AwsPlace;
  readonly template: MainTemplate;
  readonly given: ParameterValues;
}

async function change(context: CommandContext, options: DeployOptions, deployment: Deployment): Promise<void> {
  const { output, signal } = context;
  const { place } = deployment;
  const found = await findStack(place, options.stackName);
  if (found !== null) assertUpdatable(found);
  const existing = found === null || found.StackStatus === 'REVIEW_IN_PROGRESS' ? null : found;
  if (existing !== null) assertRangeStays(existing, deployment.given);
  const changeSet = await plan(context, options, deployment, existing);
  if (changeSet === null) {
    output.line(`The stack ${options.stackName} is up to date.`);
    if (existing !== null) writeResult(output, existing);
    return;
  }
  output.object({ change_set: { stack: options.stackName, kind: changeSet.kind, changes: changeSet.changes } });
  output.line();
  output.line(`Plan: ${changeSet.kind} the stack ${options.stackName} in ${place.region}, account ${place.account}.`);
  writeChanges(output, changeSet.changes);
  if (options.plan === true) {
    await discardChangeSet(place, changeSet);
    output.line('Nothing was changed.');
    return;
  }
  try {
    await agree(options, changeSet, signal);
  } catch (error) {
    await discardChangeSet(place, changeSet);
    throw error;
  }
  await make(context, deployment, changeSet, existing);
}

/** Publishes what the plan names, by content. `current/` stays as it is: the plain way of creating a stack takes it. */
async function plan(
  context: CommandContext,
  options: DeployOptions,
  { place, template, given }: Deployment,
  existing: Stack | null,
): Promise<ChangeSet | null> {
  const artifacts = await buildAndRead(context, options.built);
  const bucket = given.get('ArtifactsBucket');
  await publishTo(context, place, artifacts, place.region, {
    bucket: bucket === '' ? undefined : bucket,
    makeCurrent: false,
  });
  const existingNames = existing?.Parameters?.map(({ ParameterKey = '' }) => ParameterKey);
  return createChangeSet(
    place,
    {
      stackName: options.stackName,
      kind: existing === null ? 'create' : 'update',
      template: template.text,
      parameters: requestParameters(
        template.parameters,
        given,
        artifacts,
        existingNames === undefined ? null : new Set(existingNames),
      ),
      name: `backupctl-${context.clock.now().getTime()}`,
    },
    context.signal,
  );
}

async function agree(options: DeployOptions, changeSet: ChangeSet, signal: AbortSignal): Promise<void> {
  const losing = changesThatLoseData(changeSet.changes);
  if (losing.length > 0 && options.replaceData !== true) {
    const names = losing.map(({ logical_id }) => logical_id).join(', ');
    throw new PlatformError('DATA_WOULD_BE_REPLACED', `the plan replaces or removes what holds data: ${names}`);
  }
  if (options.yes !== true) await confirm(`This will ${changeSet.kind} ${options.stackName}.`, 'yes', signal);
}

async function make(
  context: CommandContext,
  { place, template, given }: Deployment,
  changeSet: ChangeSet,
  existing: Stack | null,
): Promise<void> {
  const { output, signal } = context;
  const before = await eventsAfter(place, changeSet.stackId, null);
  await executeChangeSet(place, changeSet);
  const display = output.stack(changeSet.kind, changeSet.changes.length);
  let ended: EndedOperation;
  try {
    ended = await followStack(place, changeSet.stackId, before.at(-1)?.event_id ?? null, display, signal);
  } finally {
    display.stop();
  }
  if (ended.status === 'CREATE_COMPLETE' || ended.status === 'UPDATE_COMPLETE') {
    writeResult(output, ended.stack);
    return;
  }
  const secrets = secretValues(template.parameters, given);
  const failure = await firstFailure(place, changeSet.stackId, ended.events);
  const reason = withoutSecrets(failure?.reason ?? ended.stack.StackStatusReason ?? '', secrets);
  const sentence =
    failure === null
      ? `the stack ended in ${ended.status}: ${reason}`
      : `${failure.logical_id} (${failure.type}) failed: ${reason}`;
  if (failure !== null) {
    output.object({ failure: { ...failure, reason } });
    output.line(`First failure: ${failure.logical_id} (${failure.type})`);
    output.line(`  reason      ${reason}`);
    output.line(`  what to do  ${failure.advice}`);
  }
  const after = existing === null ? 'nothing of it runs' : 'the stack is as it was before';
  throw new PlatformError('DEPLOYMENT_FAILED', `${sentence}; state ${ended.status}, ${after}`);
}

/** A VPC keeps its range. CloudFormation would make another one, and the database cannot move there. */
function assertRangeStays(existing: Stack, given: ParameterValues): void {
  const has = existing.Parameters?.find(({ ParameterKey }) => ParameterKey === 'VpcCidr')?.ParameterValue;
  const wanted = given.get('VpcCidr');
  if (has === undefined || wanted === undefined || wanted === has) return;
  throw new PlatformError(
    'PARAMETERS_INVALID',
    `VpcCidr "${wanted}" is refused: the stack has ${has}, and a network keeps its range; give that one`,
  );
}
