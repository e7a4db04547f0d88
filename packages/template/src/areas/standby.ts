import { DeletionPolicy, EC2, Fn, IAM, KMS, S3 } from 'cloudform';
import { explicitly } from '../deletion.ts';
import { exceptFor } from '../guard-exceptions.ts';
import type { Area } from '../area.ts';
import { as, attribute, ref, sub, when } from '../intrinsics.ts';
import { allow, allowEverywhere, policyDocument, trustService } from '../policy.ts';
import { defaultLock, encryptedWith, keyPolicy, kept, onlyTls, privateBucket, repositoryLifecycle } from './storage.ts';

const bucketArn = attribute('Bucket', 'Arn');
const keyArn = when('HasPrimaryKey', attribute('KeyReplica', 'Arn'), attribute('OwnKey', 'Arn'));
const keyId = when('HasPrimaryKey', ref('KeyReplica'), ref('OwnKey'));

const replica = explicitly(
  DeletionPolicy.Retain,
  new KMS.ReplicaKey({
    Description: sub('Data of ${PlatformStack}, in this Region'),
    PrimaryKeyArn: ref('PrimaryKeyArn'),
    KeyPolicy: keyPolicy(),
  }),
).condition('HasPrimaryKey');

const viaService = (service: string): { StringEquals: Record<string, unknown> } => ({
  StringEquals: { 'kms:ViaService': sub(`${service}.\${AWS::Region}.amazonaws.com`) },
});

/** What holds a copy of everything, and what a recovery from it needs. */
export const standby: Area = {
  why: 'Copy: the bucket that is replicated to, and the key; with the primary Region gone, nothing here asks for it.',
  conditions: {
    HasNoPrimaryKey: Fn.Equals(ref('PrimaryKeyArn'), ''),
    HasPrimaryKey: Fn.Not({ Condition: 'HasNoPrimaryKey' }),
    HasLock: Fn.Not(Fn.Equals(ref('ObjectLockMode'), 'OFF')),
    HasBoundary: Fn.Not(Fn.Equals(ref('PermissionsBoundary'), '')),
  },
  resources: {
    KeyReplica: replica,
    OwnKey: kept(
      new KMS.Key({
        Description: sub('Data of ${PlatformStack}, in this Region alone'),
        MultiRegion: true,
        EnableKeyRotation: true,
        KeyPolicy: keyPolicy(),
      }),
    ).condition('HasNoPrimaryKey'),
    KeyAlias: new KMS.Alias({ AliasName: sub('alias/${PlatformStack}'), TargetKeyId: keyId }),
    Bucket: exceptFor(
      ['CT.S3.PR.2', 'CT.S3.PR.4'],
      'a copy that nobody works on: the log of the primary bucket tells who wrote what',
      kept(
        new S3.Bucket({
          BucketName: sub('${PlatformStack}-${AWS::AccountId}-${AWS::Region}'),
          BucketEncryption: encryptedWith(keyArn),
          VersioningConfiguration: { Status: 'Enabled' },
          ObjectLockEnabled: true,
          ObjectLockConfiguration: as(defaultLock('BackupRetentionDays')),
          ...privateBucket,
          LifecycleConfiguration: repositoryLifecycle('BackupRetentionDays'),
        }),
      ),
    ),
    BucketPolicy: new S3.BucketPolicy({ Bucket: ref('Bucket'), PolicyDocument: policyDocument(onlyTls('Bucket')) }),
  },
  outputs: {
    BucketName: { Description: 'Bucket that holds the copy.', Value: ref('Bucket') },
    RepositoryLocation: {
      Description: 'Location of the repository for restic or backupctl.',
      Value: sub('s3:https://s3.${AWS::Region}.${AWS::URLSuffix}/${Bucket}/repository'),
    },
    KeyArn: { Description: 'Key of this Region.', Value: keyArn },
  },
};

/** The machine that a person starts for a recovery here. */
export const recoveryHost: Area = {
  why: 'Recovery: a role that can read and nothing else, and a launch template; start an instance of it and use Session Manager.',
  resources: {
    RecoveryRole: new IAM.Role({
      RoleName: sub('${PlatformStack}-dr-recovery'),
      AssumeRolePolicyDocument: trustService('ec2'),
      PermissionsBoundary: when('HasBoundary', ref('PermissionsBoundary')),
      Policies: [
        {
          PolicyName: 'read',
          PolicyDocument: policyDocument(
            allow(['s3:ListBucket', 's3:ListBucketVersions'], bucketArn),
            allow(['s3:GetObject', 's3:GetObjectVersion'], sub('${Bucket.Arn}/*')),
            allow('kms:Decrypt', keyArn, viaService('s3')),
            allow('kms:Decrypt', keyArn, viaService('secretsmanager')),
            allow(
              'secretsmanager:GetSecretValue',
              sub(
                'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${PlatformStack}/repository-*',
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
        },
      ],
    }),
    RecoveryProfile: new IAM.InstanceProfile({
      InstanceProfileName: sub('${PlatformStack}-dr-recovery'),
      Roles: [ref('RecoveryRole')],
    }),
    RecoveryTemplate: new EC2.LaunchTemplate({
      LaunchTemplateName: sub('${PlatformStack}-dr-recovery'),
      LaunchTemplateData: {
        ImageId: ref('Image'),
        InstanceType: ref('InstanceType'),
        IamInstanceProfile: { Arn: attribute('RecoveryProfile', 'Arn') },
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: { VolumeSize: ref('VolumeGiB'), VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
          },
        ],
      },
    }),
  },
  outputs: {
    RecoveryTemplateName: {
      Description: 'Launch template of a machine for recoveries: give it a subnet of your choice.',
      Value: sub('${PlatformStack}-dr-recovery'),
    },
    RecoveryRoleArn: { Description: 'Role of that machine.', Value: attribute('RecoveryRole', 'Arn') },
  },
};
