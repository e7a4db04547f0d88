import { DeletionPolicy, Fn, KMS, S3, SecretsManager } from 'cloudform';
import { explicitly } from '../deletion.ts';
import { exceptFor } from '../guard-exceptions.ts';
import type { Area } from '../area.ts';
import { arn, as, attribute, ref, sub, when } from '../intrinsics.ts';
import { policyDocument, type Statement } from '../policy.ts';

type BucketPart<Name extends keyof S3.Bucket['Properties']> = NonNullable<S3.Bucket['Properties'][Name]>;

const account = { 'aws:SourceAccount': ref('AWS::AccountId') };
const logServices = ['logging.s3.amazonaws.com', 'delivery.logs.amazonaws.com'];

/** Keeps a resource whatever becomes of its stack. */
export const kept = <Kept extends S3.Bucket | KMS.Key | SecretsManager.Secret>(resource: Kept): Kept =>
  explicitly(DeletionPolicy.Retain, resource);

/** No access by other ways than TLS. */
export const onlyTls = (bucket: string): Statement => ({
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [sub(`\${${bucket}.Arn}`), sub(`\${${bucket}.Arn}/*`)],
  // A string: judges of templates overlook the condition when it is a boolean.
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** Nobody outside of the account by mistake, and objects belong to the bucket's owner. */
export const privateBucket = {
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
};

/**
 * Rules for a bucket that holds repositories. Every file can be read at once in each of Intelligent-Tiering's tiers that
 * are on by default, so also an index or a lock file may move there; below 128 KiB S3 would charge for nothing.
 */
export const repositoryLifecycle = (retentionDays: string): BucketPart<'LifecycleConfiguration'> => ({
  Rules: [
    {
      Id: 'tier',
      Status: 'Enabled',
      ObjectSizeGreaterThan: as('131072'),
      Transitions: [{ StorageClass: 'INTELLIGENT_TIERING', TransitionInDays: 0 }],
    },
    {
      Id: 'removed',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: ref(retentionDays) },
      ExpiredObjectDeleteMarker: true,
    },
    { Id: 'parts', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
  ],
});

/** Encryption with one key, asked for once in a while and not for each object. */
export const encryptedWith = (key: ReturnType<typeof ref>): BucketPart<'BucketEncryption'> => ({
  ServerSideEncryptionConfiguration: [
    { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } },
  ],
});

/** Locks new objects by default, as the parameters say. Lock itself is always on: it cannot be turned on later. */
export const defaultLock = (retentionDays: string): ReturnType<typeof when> =>
  when('HasLock', {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: ref('ObjectLockMode'), Days: ref(retentionDays) } },
  });

/** Who may use a key: the account's own policies, and the services that write encrypted on its behalf. */
export const keyPolicy = (...more: readonly Statement[]): Record<string, unknown> =>
  policyDocument(
    {
      Sid: 'PoliciesOfTheAccountDecide',
      Effect: 'Allow',
      Principal: { AWS: arn('iam::${AWS::AccountId}:root') },
      Action: 'kms:*',
      Resource: '*',
    },
    ...more,
  );

/** Makes a resource wait for what it replicates to. A DependsOn would name something that may not be there. */
const replicatedTo = when('HasDR', [{ Key: 'standby', Value: ref('DRStackSet') }]);

const replication = when('HasDR', {
  Role: arn('iam::${AWS::AccountId}:role/${AWS::StackName}-replication-${AWS::Region}'),
  Rules: [
    {
      Id: 'everything',
      Status: 'Enabled',
      Priority: 1,
      Filter: { Prefix: '' },
      // What is removed here is removed there as well, and stays recoverable there as long as here.
      DeleteMarkerReplication: { Status: 'Enabled' },
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
      Destination: {
        Bucket: arn('s3:::${AWS::StackName}-${AWS::AccountId}-${DRRegion}'),
        EncryptionConfiguration: {
          ReplicaKmsKeyID: arn('kms:${DRRegion}:${AWS::AccountId}:key/${DataKey}'),
        },
        ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
        Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
      },
    },
  ],
});

const backupBucket = exceptFor(
  ['CT.S3.PR.4'],
  'nothing waits for events of its objects',
  kept(
    new S3.Bucket({
      BucketName: sub('${AWS::StackName}-${AWS::AccountId}-${AWS::Region}'),
      BucketEncryption: encryptedWith(attribute('DataKey', 'Arn')),
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: as(defaultLock('BackupRetentionDays')),
      ...privateBucket,
      LoggingConfiguration: { DestinationBucketName: ref('LogBucket'), LogFilePrefix: 'access/' },
      LifecycleConfiguration: repositoryLifecycle('BackupRetentionDays'),
      Tags: as(replicatedTo),
      ReplicationConfiguration: as(replication),
    }),
  ),
).dependsOn('LogBucketPolicy');

/** Key, buckets, and the password of the repository. */
export const storage: Area = {
  why: 'Storage: one key for all data in both Regions; what is stored is locked and versioned, so removal is never final.',
  conditions: {
    HasLock: Fn.Not(Fn.Equals(ref('ObjectLockMode'), 'OFF')),
  },
  resources: {
    DataKey: exceptFor(
      ['CT.KMS.PR.3'],
      'the policies of the account decide who may grant',
      kept(
        new KMS.Key({
          Description: sub('Data of ${AWS::StackName}'),
          MultiRegion: true,
          EnableKeyRotation: true,
          KeyPolicy: keyPolicy(
            {
              Effect: 'Allow',
              Principal: { Service: sub('logs.${AWS::Region}.amazonaws.com') },
              Action: [
                'kms:Encrypt',
                'kms:Decrypt',
                'kms:ReEncryptFrom',
                'kms:ReEncryptTo',
                'kms:GenerateDataKey',
                'kms:DescribeKey',
              ],
              Resource: '*',
              Condition: {
                ArnLike: {
                  'kms:EncryptionContext:aws:logs:arn': arn(
                    'logs:${AWS::Region}:${AWS::AccountId}:log-group:*${AWS::StackName}*',
                  ),
                },
              },
            },
            {
              Effect: 'Allow',
              Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] },
              Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
              Resource: '*',
              Condition: { StringEquals: account },
            },
          ),
        }),
      ),
    ),
    DataKeyAlias: new KMS.Alias({ AliasName: sub('alias/${AWS::StackName}'), TargetKeyId: ref('DataKey') }),
    LogBucket: exceptFor(
      ['CT.S3.PR.2', 'CT.S3.PR.4', 'CT.S3.PR.9', 'CT.S3.PR.10'],
      'S3 delivers access logs only to a bucket without locks and with its own key, and not about itself',
      kept(
        new S3.Bucket({
          BucketName: sub('${AWS::StackName}-logs-${AWS::AccountId}-${AWS::Region}'),
          // S3 delivers access logs only to buckets that are encrypted with its own key.
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
          VersioningConfiguration: { Status: 'Enabled' },
          ...privateBucket,
          LifecycleConfiguration: {
            Rules: [
              {
                Id: 'age',
                Status: 'Enabled',
                ExpirationInDays: ref('LogRetentionDays'),
                NoncurrentVersionExpiration: { NoncurrentDays: 7 },
              },
            ],
          },
        }),
      ),
    ),
    LogBucketPolicy: new S3.BucketPolicy({
      Bucket: ref('LogBucket'),
      PolicyDocument: policyDocument(
        onlyTls('LogBucket'),
        {
          Effect: 'Allow',
          Principal: { Service: logServices },
          Action: 's3:PutObject',
          Resource: sub('${LogBucket.Arn}/*'),
          Condition: { StringEquals: account },
        },
        {
          Effect: 'Allow',
          Principal: { Service: 'delivery.logs.amazonaws.com' },
          Action: ['s3:GetBucketAcl', 's3:ListBucket'],
          Resource: sub('${LogBucket.Arn}'),
          Condition: { StringEquals: account },
        },
      ),
    }),
    BackupBucket: backupBucket,
    BackupBucketPolicy: new S3.BucketPolicy({
      Bucket: ref('BackupBucket'),
      PolicyDocument: policyDocument(onlyTls('BackupBucket')),
    }),
    RepositorySecret: kept(
      new SecretsManager.Secret({
        Name: sub('${AWS::StackName}/repository'),
        Description: 'Password of the restic repository: whoever has it and the bucket can restore.',
        KmsKeyId: attribute('DataKey', 'Arn'),
        GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true },
        Tags: as(replicatedTo),
        ReplicaRegions: when('HasDR', [
          {
            Region: ref('DRRegion'),
            KmsKeyId: arn('kms:${DRRegion}:${AWS::AccountId}:key/${DataKey}'),
          },
        ]),
      }),
    ),
  },
  outputs: {
    BackupBucketName: { Description: 'Bucket of the repository.', Value: ref('BackupBucket') },
    RepositoryLocation: {
      Description: 'Location to register for a source; restic takes it as well.',
      Value: sub('s3:https://s3.${AWS::Region}.${AWS::URLSuffix}/${BackupBucket}/repository'),
    },
    RepositorySecretArn: { Description: "Secret with the repository's password.", Value: ref('RepositorySecret') },
    LogBucketName: { Description: 'Bucket of access and flow logs.', Value: ref('LogBucket') },
    DataKeyArn: { Description: 'Key of all data.', Value: attribute('DataKey', 'Arn') },
  },
};
