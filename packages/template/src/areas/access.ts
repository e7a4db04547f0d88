import { Fn, IAM } from 'cloudform';
import type { Area } from '../area.ts';
import { artifactsBucket } from '../artifacts.ts';
import { arn, attribute, ref, sub } from '../intrinsics.ts';
import { boundaryCondition, role } from '../role.ts';
import { allow, allowEverywhere, policyDocument, trustService, type Statement } from '../policy.ts';

const writeLogs = (logGroup: string): Statement =>
  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], attribute(logGroup, 'Arn'));

const readSecret = (secret: string): Statement => allow('secretsmanager:GetSecretValue', ref(secret));

const useKey = (actions: readonly string[], ...services: readonly string[]): Statement =>
  allow(actions, attribute('DataKey', 'Arn'), {
    StringEquals: { 'kms:ViaService': services.map((service) => sub(`${service}.\${AWS::Region}.amazonaws.com`)) },
  });

const functionPolicy = new IAM.ManagedPolicy({
  Description: 'What both functions do',
  PolicyDocument: policyDocument(
    readSecret('DatabaseSecret'),
    useKey(['kms:Decrypt'], 'secretsmanager'),
    allow('sqs:SendMessage', attribute('DeadLetters', 'Arn')),
    allowEverywhere('LambdaAttachesInterfacesBeforeTheyHaveAnArn', [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ]),
    allowEverywhere('XRayHasNoResources', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords']),
  ),
});

const hostPolicy = new IAM.ManagedPolicy({
  Description: 'What every instance with an agent does',
  PolicyDocument: policyDocument(
    allow('lambda:InvokeFunction', attribute('OrchestratorFunction', 'Arn')),
    allow('s3:ListBucket', attribute('BackupBucket', 'Arn')),
    allow(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], sub('${BackupBucket.Arn}/*')),
    // Locks are the only files that a working agent removes: its own, when it is done.
    allow('s3:DeleteObject', sub('${BackupBucket.Arn}/*/locks/*')),
    allow(
      's3:GetObject',
      Fn.Sub('arn:${AWS::Partition}:s3:::${Bucket}/${AgentArchive}-*', { Bucket: artifactsBucket }),
    ),
    useKey(['kms:Decrypt', 'kms:GenerateDataKey'], 's3', 'secretsmanager'),
    readSecret('RepositorySecret'),
    allow('ssm:GetParameter', arn('ssm:${AWS::Region}:${AWS::AccountId}:parameter${AgentSettings}')),
    allow(
      ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite', 'elasticfilesystem:ClientRootAccess'],
      attribute('FileSystem', 'Arn'),
    ),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], attribute('AgentLogs', 'Arn')),
    allow(
      'cloudformation:SignalResource',
      arn('cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}*'),
    ),
    allow(
      ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
      arn(
        'autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/${AWS::StackName}-backup-*',
      ),
    ),
    allowEverywhere('SessionManagerHasNoResources', [
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]),
  ),
});

const functionRole = (logGroup: string): IAM.Role =>
  role(trustService('lambda'), 'logs', [writeLogs(logGroup)], [ref('FunctionPolicy')]);

/** One role for each that acts. */
export const access: Area = {
  why: 'Access: one role each, and no wildcard but where AWS has no other form; the Sid of such a statement says why.',
  conditions: boundaryCondition,
  resources: {
    FunctionPolicy: functionPolicy,
    OrchestratorRole: functionRole('OrchestratorLogs'),
    RecoveryRole: functionRole('RecoveryLogs'),
    HostPolicy: hostPolicy,
    AgentRole: role(trustService('ec2'), '', [], [ref('HostPolicy')]),
    AgentProfile: new IAM.InstanceProfile({ Roles: [ref('AgentRole')] }),
    DatabaseMonitoringRole: role(
      trustService('monitoring.rds'),
      '',
      [],
      [arn('iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole')],
    ),
  },
  outputs: {
    AgentRoleArn: { Description: 'Role of the agents.', Value: attribute('AgentRole', 'Arn') },
  },
};
