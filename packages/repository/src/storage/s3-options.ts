import { PlatformError } from '@enterprise-backup/contracts/errors';
import { parseTime } from '../format/node-time.ts';

/** Storage classes whose objects can be read at once: an archive class would make every restore wait for hours. */
export const storageClasses = ['STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'] as const;
export type StorageClass = (typeof storageClasses)[number];

/** Modes of S3's object lock: GOVERNANCE yields to a special permission, COMPLIANCE to nobody. */
export const retentionModes = ['GOVERNANCE', 'COMPLIANCE'] as const;
export type RetentionMode = (typeof retentionModes)[number];

/** How long the service refuses to remove or replace what is written, counted from the write. */
export interface ObjectRetention {
  readonly mode: RetentionMode;
  readonly days: number;
}

/** What a person may choose for a repository in S3. Each absent field leaves the choice to the bucket or to a default. */
export interface S3Options {
  /** Class of packs; the other files are small and read by every operation, and stay in the bucket's own class. */
  readonly storageClass?: StorageClass;
  /** Key of KMS, by id, ARN or alias, that the service encrypts with; an empty one is the account's key for S3. */
  readonly kmsKey?: string;
  /** Locks on packs, index files, snapshots, keys and the config. Lock files are replaced every few minutes: they get none. */
  readonly retention?: ObjectRetention;
  /** Opens a versioned bucket as it stood at this time (RFC 3339), for reading alone. */
  readonly asOf?: string;
  /** Files larger than this go up in several parts. Default 64 MiB, which packs stay below. */
  readonly multipartBytes?: number;
  /** Attempts of one request before it counts as failed. Default 8, some 20 to 40 seconds together. */
  readonly attempts?: number;
  /** Longest silence on a connection before a request counts as lost. Default 60. */
  readonly silenceSeconds?: number;
}

/** Smallest part that the service takes, apart from the last one. */
export const smallestPart = 5 * 1024 * 1024;

/** Throws STORAGE_OPTIONS_INVALID for a value that cannot be meant. */
export function checkS3Options({ retention, asOf, multipartBytes, attempts, silenceSeconds }: S3Options): void {
  if (retention !== undefined && !isWhole(retention.days, 1, 36_500)) {
    throw invalid('a retention lasts 1 to 36500 whole days');
  }
  if (asOf !== undefined && parseTime(asOf) === null) throw invalid(`${JSON.stringify(asOf)} is not an RFC 3339 time`);
  if (multipartBytes !== undefined && !isWhole(multipartBytes, smallestPart, 5 * 1024 ** 3)) {
    throw invalid('several parts are possible above 5 MiB, and necessary above 5 GiB');
  }
  if (attempts !== undefined && !isWhole(attempts, 1, 100)) throw invalid('a request has 1 to 100 attempts');
  if (silenceSeconds !== undefined && !(silenceSeconds > 0 && silenceSeconds <= 3600)) {
    throw invalid('the longest silence is above 0 and at most 3600 seconds');
  }
}

function isWhole(value: number, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}

function invalid(reason: string): PlatformError {
  return new PlatformError('STORAGE_OPTIONS_INVALID', `the storage cannot be used with these options: ${reason}`);
}
