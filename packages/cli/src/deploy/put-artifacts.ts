import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AwsPlace } from './aws-clients.ts';
import { awsErrorStatus, callAws } from './call-aws.ts';
import { currentPrefix, type Artifact, type ArtifactFile } from './artifacts.ts';
import type { ArtifactsBucket } from './artifacts-bucket.ts';

/** What became of one file in one bucket. */
export interface PutFile {
  readonly bucket: string;
  /** Its key by content. */
  readonly key: string;
  readonly artifact: Artifact['name'];
  /** Whether its bytes were sent; else they were there. */
  readonly uploaded: boolean;
  /** Whether `current/` names it since now. */
  readonly made_current: boolean;
}

/** The entry of an object's metadata that holds its SHA-256 in hexadecimal. */
const hashEntry = 'sha256';

/**
 * Puts artifacts into a bucket under their content's prefix; a file that is there is not sent again. With `makeCurrent`
 * the folder `current/` then names them too: each is copied there only after all are stored, so that a run that is cut
 * off leaves a `current/` of files that exist, and the next run brings it to the end.
 */
export async function putArtifacts(
  place: AwsPlace,
  bucket: ArtifactsBucket,
  artifacts: readonly Artifact[],
  options: { readonly makeCurrent: boolean; readonly signal: AbortSignal },
): Promise<readonly PutFile[]> {
  const s3 = place.s3(bucket.region);
  const target: Target = { s3, bucket: bucket.name, owner: place.account, signal: options.signal };
  const all = artifacts.flatMap((artifact) => artifact.files.map((file) => ({ artifact, file })));
  const stored: PutFile[] = [];
  for (const { artifact, file } of all) {
    const key = `${artifact.prefix}/${file.name}`;
    const uploaded = !(await holds(target, key, file));
    if (uploaded) await put(target, key, file);
    stored.push({ bucket: bucket.name, key, artifact: artifact.name, uploaded, made_current: false });
  }
  if (!options.makeCurrent) return stored;
  const result: PutFile[] = [];
  for (const [index, entry] of stored.entries()) {
    const file = all[index]?.file;
    if (file === undefined) continue;
    const key = `${currentPrefix}/${file.name}`;
    const stands = await holds(target, key, file);
    if (!stands) await copy(target, entry.key, key);
    result.push({ ...entry, made_current: !stands });
  }
  return result;
}

interface Target {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly owner: string;
  readonly signal: AbortSignal;
}

async function holds({ s3, bucket, owner, signal }: Target, key: string, file: ArtifactFile): Promise<boolean> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: owner });
    const found = await callAws(`look for ${key} in ${bucket}`, () => s3.send(command, { abortSignal: signal }));
    return found.Metadata?.[hashEntry] === file.sha256.toString('hex');
  } catch (error) {
    if (awsErrorStatus(error) === 404) return false;
    throw error;
  }
}

async function put({ s3, bucket, owner, signal }: Target, key: string, file: ArtifactFile): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ExpectedBucketOwner: owner,
    Body: file.read(),
    // S3 refuses what arrives otherwise than it was sent.
    ChecksumSHA256: file.sha256.toString('base64'),
    Metadata: { [hashEntry]: file.sha256.toString('hex') },
  });
  await callAws(`put ${key} into ${bucket}`, () => s3.send(command, { abortSignal: signal }));
}

async function copy({ s3, bucket, owner, signal }: Target, from: string, to: string): Promise<void> {
  const command = new CopyObjectCommand({
    Bucket: bucket,
    Key: to,
    CopySource: `${bucket}/${from}`,
    ExpectedBucketOwner: owner,
    ExpectedSourceBucketOwner: owner,
  });
  await callAws(`copy ${from} to ${to} in ${bucket}`, () => s3.send(command, { abortSignal: signal }));
}
