import { DeletionPolicy, Fn, SNS } from 'cloudform';
import { explicitly } from '../deletion.ts';
import type { Area } from '../area.ts';
import { attribute, ref, sub, when } from '../intrinsics.ts';
import { nestedStack } from '../nested-stack.ts';
import { policyDocument } from '../policy.ts';

/** The topic that alerts go to, and the alarms as a template of their own. */
export const monitoring: Area = {
  why: 'Monitoring: alarms and dashboard give nothing back to this template, so they have a file of their own.',
  conditions: { HasEmail: Fn.Not(Fn.Equals(ref('AlertEmail'), '')) },
  resources: {
    AlertsTopic: explicitly(
      DeletionPolicy.Delete,
      new SNS.Topic({ DisplayName: 'Backup alerts', KmsMasterKeyId: ref('DataKey') }),
    ),
    AlertsTopicPolicy: new SNS.TopicPolicy({
      Topics: [ref('AlertsTopic')],
      PolicyDocument: policyDocument(
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: ref('AlertsTopic'),
          Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
        },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: ref('AlertsTopic'),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ),
    }),
    AlertsEmail: new SNS.Subscription({
      TopicArn: ref('AlertsTopic'),
      Protocol: 'email',
      Endpoint: ref('AlertEmail'),
    }).condition('HasEmail'),
    Monitoring: nestedStack('monitoring.yaml', {
      PlatformStack: ref('AWS::StackName'),
      AlertsTopicArn: ref('AlertsTopic'),
      BackupBucket: ref('BackupBucket'),
      DRBucket: when('HasDR', sub('${AWS::StackName}-${AWS::AccountId}-${DRRegion}'), ''),
      DeadLetterQueue: attribute('DeadLetters', 'QueueName'),
      AgentMinimum: ref('AgentMinimum'),
      StorageAlarmGiB: ref('StorageAlarmGiB'),
    }).dependsOn('AlertsTopicPolicy'),
  },
  outputs: {
    BackupAlertsTopicArn: { Description: 'Topic of the alerts: subscribe to it.', Value: ref('AlertsTopic') },
    DashboardUrl: {
      Description: 'Dashboard: are we protected?',
      Value: sub(
        'https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards:name=${AWS::StackName}',
      ),
    },
  },
};
