import type { Area } from '../area.ts';
import { arn, attribute, ref, sub } from '../intrinsics.ts';
import { allow, allowEverywhere, policyDocument, trustService } from '../policy.ts';
import { boundaryCondition, role } from '../role.ts';

const drBucket = '${PlatformStack}-${AWS::AccountId}-${DRRegion}';
const bucket = '${PlatformStack}-${AWS::AccountId}-${AWS::Region}';
const primaryKey = 'kms:${AWS::Region}:${AWS::AccountId}:key/${DataKey}';
const drKey = 'kms:${DRRegion}:${AWS::AccountId}:key/${DataKey}';
const executionRoleName = '${PlatformStack}-dr-${AWS::Region}';

const named = (name: string, made: ReturnType<typeof role>): ReturnType<typeof role> => {
  made.Properties.RoleName = sub(name);
  return made;
};

const inRegion = (region: string): { StringEquals: Record<string, unknown> } => ({
  StringEquals: { 'kms:ViaService': sub(`s3.\${${region}}.amazonaws.com`) },
});

/** Everything that CloudFormation calls when it makes, changes or deletes the resources of `dr-region.yaml`. */
const execution = [
  allow(
    [
      'cloudformation:CreateStack',
      'cloudformation:UpdateStack',
      'cloudformation:DeleteStack',
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStackResources',
      'cloudformation:GetTemplate',
    ],
    arn('cloudformation:${DRRegion}:${AWS::AccountId}:stack/StackSet-${PlatformStack}-dr-*'),
  ),
  allowEverywhere('ATemplateHasNoArn', ['cloudformation:GetTemplateSummary', 'cloudformation:ValidateTemplate']),
  allow('s3:GetObject', arn('s3:::${ArtifactsBucket}/${TemplatePrefix}/dr-region.yaml')),
  allow(
    [
      's3:CreateBucket',
      's3:DeleteBucket',
      's3:ListBucket',
      's3:GetBucketVersioning',
      's3:PutBucketVersioning',
      's3:GetBucketObjectLockConfiguration',
      's3:PutBucketObjectLockConfiguration',
      's3:GetEncryptionConfiguration',
      's3:PutEncryptionConfiguration',
      's3:GetLifecycleConfiguration',
      's3:PutLifecycleConfiguration',
      's3:GetBucketPublicAccessBlock',
      's3:PutBucketPublicAccessBlock',
      's3:GetBucketOwnershipControls',
      's3:PutBucketOwnershipControls',
      's3:GetBucketPolicy',
      's3:PutBucketPolicy',
      's3:DeleteBucketPolicy',
      's3:GetBucketTagging',
      's3:PutBucketTagging',
    ],
    arn(`s3:::${drBucket}`),
  ),
  allow(
    [
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'kms:ReplicateKey',
      'kms:PutKeyPolicy',
      'kms:CreateAlias',
      'kms:DeleteAlias',
    ],
    [arn(primaryKey), arn(drKey), arn('kms:${DRRegion}:${AWS::AccountId}:alias/${PlatformStack}')],
  ),
  allowEverywhere('AKeyHasNoArnBeforeItIsMade', ['kms:CreateKey', 'kms:TagResource'], {
    StringEquals: { 'aws:RequestedRegion': ref('DRRegion') },
  }),
  allow(
    [
      'iam:CreateRole',
      'iam:DeleteRole',
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:PutRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:PassRole',
      'iam:TagRole',
      'iam:CreateInstanceProfile',
      'iam:DeleteInstanceProfile',
      'iam:GetInstanceProfile',
      'iam:AddRoleToInstanceProfile',
      'iam:RemoveRoleFromInstanceProfile',
    ],
    [
      arn('iam::${AWS::AccountId}:role/${PlatformStack}-dr-recovery'),
      arn('iam::${AWS::AccountId}:instance-profile/${PlatformStack}-dr-recovery'),
    ],
  ),
  allowEverywhere(
    'LaunchTemplatesAreNamedByIdsOnly',
    [
      'ec2:CreateLaunchTemplate',
      'ec2:DeleteLaunchTemplate',
      'ec2:CreateLaunchTemplateVersion',
      'ec2:ModifyLaunchTemplate',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
      'ssm:GetParameters',
    ],
    { StringEquals: { 'aws:RequestedRegion': ref('DRRegion') } },
  ),
];

const stackSetTrust = trustService('cloudformation', {
  StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
});

/** The roles that bring the DR Region up and replicate to it, by names that main.yaml knows without asking. */
export const drAccess: Area = {
  why: 'StackSet: the administration role may take the execution role and nothing else; the latter only what dr-region.yaml needs.',
  conditions: boundaryCondition,
  resources: {
    AdministrationRole: named(
      '${PlatformStack}-dr-admin-${AWS::Region}',
      role(stackSetTrust, 'execute', [
        // By name: the two roles name each other.
        allow('sts:AssumeRole', arn(`iam::\${AWS::AccountId}:role/${executionRoleName}`)),
      ]),
    ),
    ExecutionRole: named(
      executionRoleName,
      role(
        policyDocument({
          Effect: 'Allow',
          Principal: { AWS: attribute('AdministrationRole', 'Arn') },
          Action: 'sts:AssumeRole',
        }),
        'make',
        execution,
      ),
    ),
  },
};

/** The role that S3 takes to replicate. */
export const replicationAccess: Area = {
  why: 'Replication: S3 reads versions here and writes them there, under the key of each Region.',
  resources: {
    ReplicationRole: named(
      '${PlatformStack}-replication-${AWS::Region}',
      role(trustService('s3', { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } }), 'replicate', [
        allow(
          ['s3:GetReplicationConfiguration', 's3:ListBucket', 's3:GetBucketObjectLockConfiguration'],
          arn(`s3:::${bucket}`),
        ),
        allow(
          [
            's3:GetObjectVersionForReplication',
            's3:GetObjectVersionAcl',
            's3:GetObjectVersionTagging',
            's3:GetObjectRetention',
            's3:GetObjectLegalHold',
          ],
          arn(`s3:::${bucket}/*`),
        ),
        allow(['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], arn(`s3:::${drBucket}/*`)),
        allow('kms:Decrypt', arn(primaryKey), inRegion('AWS::Region')),
        allow(['kms:Encrypt', 'kms:GenerateDataKey'], arn(drKey), inRegion('DRRegion')),
      ]),
    ),
  },
};
