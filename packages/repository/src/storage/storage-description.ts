import type { SharedLimits } from './transfer-limits.ts';
import type { S3Options } from './s3-options.ts';

/**
 * How a storage is opened: plain data that worker threads get, so that each opens the same storage under the same limits.
 */
export interface StorageDescription {
  /** A folder, or S3 as `parseS3Location` reads it. */
  readonly location: string;
  /** Limits that all threads of the process keep together; without them transfers are as fast as they can be. */
  readonly limits?: SharedLimits;
  /** Only for locations in S3. */
  readonly s3?: S3Options;
}
