import { CloudFormation, DeletionPolicy, Events, Lambda, SQS } from 'cloudform';
import { functionNames, logGroupNames } from '@enterprise-backup/contracts/names';
import type { Area } from '../area.ts';
import { artifactsCondition } from '../artifacts.ts';
import { explicitly } from '../deletion.ts';
import { logGroup, platformFunction } from '../function-resource.ts';
import { attribute, ref, sub, when } from '../intrinsics.ts';

const stack = '${AWS::StackName}';

// The database takes no connection from a wrong password, so the secret must be attached before the tables are made.
const catalogSchema = new CloudFormation.CustomResource({
  ServiceToken: attribute('OrchestratorFunction', 'Arn'),
  ServiceTimeout: 300,
  Code: ref('OrchestratorCode'),
  // Waits for a way to Secrets Manager; a DependsOn would name something that may not be there.
  Network: when('HasNoNat', ref('ServiceEndpoints'), sub('${PrivateDefaultRoute1} ${PrivateDefaultRoute2}')),
}).dependsOn('DatabaseSecretAttachment');
// Shows in the console and in events what it is.
catalogSchema.Type = 'Custom::CatalogSchema';

/** The function that steers backups, its schedule, and the tables it works on. */
export const orchestrator: Area = {
  why: 'Orchestrator: one function that is called each minute and may be called twice; what it cannot do is kept in a queue.',
  conditions: artifactsCondition,
  resources: {
    DeadLetters: explicitly(
      DeletionPolicy.Delete,
      new SQS.Queue({ MessageRetentionPeriod: 1_209_600, KmsMasterKeyId: 'alias/aws/sqs' }),
    ),
    OrchestratorLogs: logGroup(logGroupNames(stack).orchestrator),
    OrchestratorFunction: platformFunction({
      name: functionNames(stack).orchestrator,
      description: 'Schedules, jobs, tasks, leases and retention',
      codeParameter: 'OrchestratorCode',
      role: 'OrchestratorRole',
      logGroup: 'OrchestratorLogs',
    }),
    CatalogSchema: catalogSchema,
    Tick: new Events.Rule({
      Description: 'Calls the orchestrator each minute.',
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Id: 'orchestrator', Arn: attribute('OrchestratorFunction', 'Arn') }],
    }).dependsOn('CatalogSchema'),
    TickPermission: new Lambda.Permission({
      Action: 'lambda:InvokeFunction',
      FunctionName: ref('OrchestratorFunction'),
      Principal: 'events.amazonaws.com',
      SourceArn: attribute('Tick', 'Arn'),
    }),
  },
  outputs: {
    OrchestratorFunctionName: { Description: 'Function that steers backups.', Value: ref('OrchestratorFunction') },
    OrchestratorFunctionArn: { Description: 'Its ARN.', Value: attribute('OrchestratorFunction', 'Arn') },
    OrchestratorLogGroup: { Description: 'Its log group.', Value: ref('OrchestratorLogs') },
    DeadLetterQueueUrl: { Description: 'Queue of events that a function could not handle.', Value: ref('DeadLetters') },
  },
};
