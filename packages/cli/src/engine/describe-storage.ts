import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ObjectRetention, RetentionMode, S3Options, StorageClass } from '@enterprise-backup/repository/s3-options';
import type { StorageDescription } from '@enterprise-backup/repository/storage-description';
import { shareLimits, type RateRule, type SharedLimits } from '@enterprise-backup/repository/transfer-limits';

/** What a person may say about how much a command transfers. */
export interface LimitOptions {
  readonly limitUpload?: readonly RateRule[];
  readonly limitDownload?: readonly RateRule[];
  readonly limitTimeZone?: string;
  readonly connections?: number;
}

/** What a person may say about how objects are written to S3. */
export interface UploadOptions {
  readonly storageClass?: StorageClass;
  /** True for the account's own key. */
  readonly kmsKey?: string | true;
  readonly lockMode?: RetentionMode;
  readonly lockDays?: number;
}

/** What a person may say about how a repository is reached and written. */
export interface StorageOptions extends LimitOptions, UploadOptions {
  readonly repository: string;
  /** RFC 3339. */
  readonly asOf?: string;
}

/** The limits alone, for a second repository of the same command; each of the two has them for itself. */
export function limitsOf({ limitUpload, limitDownload, limitTimeZone, connections }: LimitOptions): LimitOptions {
  return {
    ...(limitUpload === undefined ? {} : { limitUpload }),
    ...(limitDownload === undefined ? {} : { limitDownload }),
    ...(limitTimeZone === undefined ? {} : { limitTimeZone }),
    ...(connections === undefined ? {} : { connections }),
  };
}

/** The storage that the options describe. Throws CLI_USAGE, or STORAGE_OPTIONS_INVALID for limits that cannot be kept. */
export function describeStorage(options: StorageOptions): StorageDescription {
  const { repository: location } = options;
  const limits = sharedLimitsOf(options);
  const s3 = s3OptionsOf(options);
  return {
    location,
    ...(limits === null ? {} : { limits }),
    ...(Object.keys(s3).length === 0 ? {} : { s3 }),
  };
}

function sharedLimitsOf({ limitUpload, limitDownload, limitTimeZone, connections }: LimitOptions): SharedLimits | null {
  if (limitUpload === undefined && limitDownload === undefined && connections === undefined) {
    if (limitTimeZone === undefined) return null;
    throw new PlatformError('CLI_USAGE', '--limit-time-zone needs --limit-upload or --limit-download');
  }
  return shareLimits({
    up: limitUpload ?? [],
    down: limitDownload ?? [],
    connections: connections ?? null,
    timeZone: limitTimeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
}

function s3OptionsOf({ asOf, storageClass, kmsKey, ...lock }: StorageOptions): S3Options {
  const retention = retentionOf(lock);
  return {
    ...(asOf === undefined ? {} : { asOf }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(kmsKey === undefined ? {} : { kmsKey: kmsKey === true ? '' : kmsKey }),
    ...(retention === null ? {} : { retention }),
  };
}

function retentionOf({ lockMode, lockDays }: Pick<StorageOptions, 'lockMode' | 'lockDays'>): ObjectRetention | null {
  if (lockMode === undefined && lockDays === undefined) return null;
  if (lockMode !== undefined && lockDays !== undefined) return { mode: lockMode, days: lockDays };
  throw new PlatformError('CLI_USAGE', 'give --lock-mode and --lock-days together');
}
