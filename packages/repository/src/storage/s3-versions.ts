import {
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type DeleteMarkerEntry,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion as ListedVersion,
} from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { S3Connection } from './s3-connection.ts';
import { httpStatus } from './s3-errors.ts';

/** A version of an object. `size` in bytes. */
export interface ObjectVersion {
  readonly id: string;
  readonly size: number;
}

/** An object and the version that was its latest; null when it was deleted, or not there yet. */
export interface ObjectAtTime {
  readonly key: string;
  readonly version: ObjectVersion | null;
}

interface Candidate {
  readonly key: string;
  readonly time: number;
  /** Null for a delete marker. */
  readonly version: ObjectVersion | null;
  readonly isLatest: boolean;
}

/** Finds out what the objects of a versioned bucket were at a time. */
export class S3Versions {
  readonly #connection: S3Connection;
  readonly #time: number;
  #versioned: Promise<void> | undefined;

  constructor(connection: S3Connection, time: Date) {
    this.#connection = connection;
    this.#time = time.getTime();
  }

  /**
   * All objects whose keys start with `prefix`, in the order of the keys. Throws STORAGE_NOT_VERSIONED for a bucket that
   * has never kept versions, in which nothing can be known about the past.
   */
  async *below(prefix: string): AsyncIterable<ObjectAtTime> {
    this.#versioned ??= this.#assertVersioned();
    await this.#versioned;
    let key: string | null = null;
    let best: Candidate | null = null;
    for await (const candidate of this.#candidates(prefix)) {
      if (key !== candidate.key) {
        if (key !== null) yield { key, version: best?.version ?? null };
        key = candidate.key;
        best = null;
      }
      if (candidate.time <= this.#time && (best === null || isLater(candidate, best))) best = candidate;
    }
    if (key !== null) yield { key, version: best?.version ?? null };
  }

  async #assertVersioned(): Promise<void> {
    const { bucket, location } = this.#connection;
    const status = await this.#connection
      .request(
        'asking whether the bucket keeps versions',
        async (client) => (await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status ?? 'Never',
        // The right to list versions does not bring the right to ask this.
        (error) => httpStatus(error) === 403 || httpStatus(error) === 501,
      )
      .catch((error: unknown) => {
        if (error instanceof PlatformError) throw error;
        return 'Unknown';
      });
    if (status !== 'Never') return;
    throw new PlatformError('STORAGE_NOT_VERSIONED', `the bucket of ${location} has never kept versions`);
  }

  /** Versions and delete markers, all of one key together. */
  async *#candidates(prefix: string): AsyncIterable<Candidate> {
    let marker: { readonly key: string; readonly version: string | undefined } | null = null;
    do {
      const page: ListObjectVersionsCommandOutput = await this.#readPage(prefix, marker);
      const versions = (page.Versions ?? []).map(toVersion);
      const deletions = (page.DeleteMarkers ?? []).map(toDeletion);
      // The answer has them in two lists, each in the order of the keys' bytes.
      yield* mergeByKey(versions, deletions);
      marker = page.IsTruncated === true ? { key: page.NextKeyMarker ?? '', version: page.NextVersionIdMarker } : null;
    } while (marker !== null);
  }

  async #readPage(
    prefix: string,
    marker: { readonly key: string; readonly version: string | undefined } | null,
  ): Promise<ListObjectVersionsCommandOutput> {
    const { bucket, location } = this.#connection;
    return this.#connection.request('listing versions', async (client) => {
      const page = await client.send(
        new ListObjectVersionsCommand({
          Bucket: bucket,
          Prefix: prefix,
          ...(marker === null ? {} : { KeyMarker: marker.key }),
          ...(marker?.version === undefined ? {} : { VersionIdMarker: marker.version }),
        }),
      );
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      const goesOn =
        IsTruncated === true &&
        NextKeyMarker !== undefined &&
        (NextKeyMarker !== marker?.key || NextVersionIdMarker !== marker.version);
      if (IsTruncated === false || goesOn) return page;
      throw new PlatformError('STORAGE_UNAVAILABLE', `listing versions at ${location} failed: the answer is not whole`);
    });
  }
}

function toVersion({ Key = '', VersionId, LastModified, Size, IsLatest }: ListedVersion): Candidate {
  const version = { id: VersionId ?? 'null', size: Size ?? 0 };
  return { key: Key, time: LastModified?.getTime() ?? Number.POSITIVE_INFINITY, version, isLatest: IsLatest === true };
}

function toDeletion({ Key = '', LastModified, IsLatest }: DeleteMarkerEntry): Candidate {
  const time = LastModified?.getTime() ?? Number.POSITIVE_INFINITY;
  return { key: Key, time, version: null, isLatest: IsLatest === true };
}

function* mergeByKey(left: readonly Candidate[], right: readonly Candidate[]): Generator<Candidate> {
  let next = 0;
  for (const candidate of left) {
    for (let other = right[next]; other !== undefined && precedes(other, candidate); other = right[next]) {
      yield other;
      next += 1;
    }
    yield candidate;
  }
  yield* right.slice(next);
}

function precedes(left: Candidate, right: Candidate): boolean {
  return Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)) < 0;
}

/**
 * Times of versions are whole seconds. Among those of one second the service lists the newest first; a deletion in the same
 * second as a write, of which the order is unknown, counts only when it is the latest of all.
 */
function isLater(candidate: Candidate, best: Candidate): boolean {
  if (candidate.time !== best.time) return candidate.time > best.time;
  if (candidate.isLatest !== best.isLatest) return candidate.isLatest;
  return best.version === null && candidate.version !== null;
}
