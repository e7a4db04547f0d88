import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type BucketLocationConstraint,
  type S3Client,
} from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { AwsPlace } from './aws-clients.ts';
import { awsErrorName, awsErrorStatus, callAws } from './call-aws.ts';

/** The bucket of a Region in which main.yaml looks when no other is named. */
export const conventionalBucket = (account: string, region: string): string =>
  `enterprise-backup-artifacts-${account}-${region}`;

/** A bucket that artifacts go to. */
export interface ArtifactsBucket {
  readonly name: string;
  readonly region: string;
  /** Whether this call made it. */
  readonly created: boolean;
}

/**
 * Finds the bucket of the artifacts in `region`. The one of the convention is made when it is absent, with encryption,
 * versions, TLS only and public access blocked; one that a person named must be there. Anybody can guess the name, so
 * each call names the account that must own it. Throws ARTIFACTS_BUCKET_FOREIGN, ARTIFACTS_BUCKET_MISSING, and what
 * calls of AWS throw.
 */
export async function ensureArtifactsBucket(
  place: AwsPlace,
  region: string,
  named: string | undefined,
): Promise<ArtifactsBucket> {
  const name = named ?? conventionalBucket(place.account, region);
  const s3 = place.s3(region);
  const owner = { Bucket: name, ExpectedBucketOwner: place.account };
  if (await isThere(s3, owner)) {
    if (named === undefined) await protect(s3, owner, region);
    return { name, region, created: false };
  }
  if (named !== undefined) throw new PlatformError('ARTIFACTS_BUCKET_MISSING', `there is no bucket ${name}`);
  await callAws(`create the bucket ${name}`, () =>
    s3.send(
      new CreateBucketCommand({
        Bucket: name,
        // S3 takes no constraint for its first Region.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      }),
    ),
  );
  await protect(s3, owner, region);
  return { name, region, created: true };
}

interface Owned {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

async function isThere(s3: S3Client, owner: Owned): Promise<boolean> {
  try {
    await callAws(`look for the bucket ${owner.Bucket}`, () => s3.send(new HeadBucketCommand(owner)));
    return true;
  } catch (error) {
    const status = awsErrorStatus(error);
    if (status === 404) return false;
    if (status !== 403) throw error;
    throw new PlatformError(
      'ARTIFACTS_BUCKET_FOREIGN',
      `the bucket ${owner.Bucket} belongs to another account, or this user or role may not see it`,
      { cause: error },
    );
  }
}

/**
 * Sets what is not set yet. A run that was cut off after it made the bucket is completed by the next one; what a person
 * set otherwise stays, which is why versions and public access are asked for first.
 */
async function protect(s3: S3Client, owner: Owned, region: string): Promise<void> {
  const { Bucket } = owner;
  const purpose = `protect the bucket ${Bucket}`;
  const { Status } = await callAws(purpose, () => s3.send(new GetBucketVersioningCommand(owner)));
  if (Status !== undefined && (await hasPublicAccessBlock(s3, owner))) return;
  await callAws(purpose, async () => {
    await s3.send(
      new PutPublicAccessBlockCommand({
        ...owner,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    );
    await s3.send(
      new PutBucketEncryptionCommand({
        ...owner,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
    );
    await s3.send(new PutBucketPolicyCommand({ ...owner, Policy: JSON.stringify(tlsOnly(Bucket, region)) }));
    await s3.send(new PutBucketLifecycleConfigurationCommand({ ...owner, LifecycleConfiguration: lifecycle }));
    // Last: it is what a later run takes for the sign that all the others are set.
    await s3.send(new PutBucketVersioningCommand({ ...owner, VersioningConfiguration: { Status: 'Enabled' } }));
  });
}

async function hasPublicAccessBlock(s3: S3Client, owner: Owned): Promise<boolean> {
  try {
    await callAws(`read the settings of the bucket ${owner.Bucket}`, () =>
      s3.send(new GetPublicAccessBlockCommand(owner)),
    );
    return true;
  } catch (error) {
    if (awsErrorName(error) === 'NoSuchPublicAccessBlockConfiguration') return false;
    throw error;
  }
}

const lifecycle = {
  Rules: [
    {
      ID: 'replaced',
      Status: 'Enabled' as const,
      Filter: { Prefix: '' },
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
    },
  ],
};

function tlsOnly(bucket: string, region: string): object {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const arn = `arn:${partition}:s3:::${bucket}`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  };
}
