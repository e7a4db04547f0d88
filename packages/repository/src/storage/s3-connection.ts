import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { systemPacing, type Pacing } from './pacing.ts';
import { limitTransfers } from './limit-transfers.ts';
import { s3Error } from './s3-errors.ts';
import type { S3Location } from './s3-location.ts';
import type { S3Options } from './s3-options.ts';
import { pauseAfter, remedyFor } from './s3-retries.ts';
import { signKnownHash } from './sign-known-hash.ts';
import type { TransferLimiter } from './transfer-limiter.ts';

const DEFAULT_ATTEMPTS = 8;
const CONNECTION_TIMEOUT_MS = 10_000;
const DEFAULT_SILENCE_SECONDS = 60;
/** What restic and the AWS CLI sign for when nothing names a region. */
const DEFAULT_REGION = 'us-east-1';

/**
 * Requests to one bucket: repeated where that helps, within the limits of the process, under credentials of the SDK's usual
 * places (environment, profile, instance role).
 *
 * The SDK's own repetition is off: it repeats a request but not an answer whose body breaks off, and cannot know an answer
 * that is whole and wrong.
 */
export class S3Connection {
  readonly bucket: string;
  readonly location: string;
  readonly pacing: Pacing;
  readonly #settings: S3ClientConfig;
  readonly #attempts: number;
  readonly #limiter: TransferLimiter | null;
  #client: S3Client;

  /** Nothing is requested until the first call. */
  constructor(
    location: S3Location,
    options: S3Options,
    limiter: TransferLimiter | null,
    pacing: Pacing = systemPacing,
  ) {
    this.bucket = location.bucket;
    this.location = location.text;
    this.pacing = pacing;
    this.#settings = clientSettings(location, options);
    this.#attempts = options.attempts ?? DEFAULT_ATTEMPTS;
    this.#limiter = limiter;
    this.#client = this.#open(false);
  }

  /**
   * Runs one exchange with the service, and again while its failure may pass: `exchange` sends the request, reads the
   * answer to its end and checks it. `what` is the request in words, such as `reading data/…`, for the sentence of its
   * failure. A STORAGE_UNAVAILABLE that `exchange` throws counts as a passing fault. Credentials that are refused are read
   * anew, once. Throws a PlatformError, or what `exchange` throws if `passOn` says so.
   */
  async request<Result>(
    what: string,
    exchange: (client: S3Client) => Promise<Result>,
    passOn: (error: unknown) => boolean = () => false,
  ): Promise<Result> {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const client = this.#client;
      try {
        return await this.#connect(() => exchange(client));
      } catch (error) {
        if (passOn(error)) throw error;
        const remedy = remedyFor(error);
        if (remedy === 'new credentials' && !renewed) {
          renewed = true;
          // Another request may have done it in the meantime.
          if (client === this.#client) this.#client = this.#open(true);
          continue;
        }
        if (remedy !== 'again' || attempt >= this.#attempts) throw s3Error(error, what, this.location);
        await this.pacing.wait(pauseAfter(attempt, this.pacing.random()));
      }
    }
  }

  async #connect<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#limiter === null ? work() : this.#limiter.connect(work);
  }

  #open(anew: boolean): S3Client {
    // The SDK keeps what it read of the shared files for the life of the process; this makes it read them again.
    const client = new S3Client({ ...this.#settings, ...(anew ? { ignoreCache: true } : {}) });
    signKnownHash(client);
    if (this.#limiter !== null) limitTransfers(client, this.#limiter);
    return client;
  }
}

function clientSettings({ endpoint, region }: S3Location, { silenceSeconds }: S3Options): S3ClientConfig {
  const configured = new S3Client({}).config.region;
  return {
    region: region ?? (() => configured().catch(() => DEFAULT_REGION)),
    ...(endpoint === null ? { followRegionRedirects: true } : { endpoint, forcePathStyle: true }),
    maxAttempts: 1,
    // The signature covers the body and puts carry a SHA-256; compatible services stumble over the SDK's own checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK opens a connection of its own for each request that waits for "100 Continue".
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: (silenceSeconds ?? DEFAULT_SILENCE_SECONDS) * 1000,
    },
  };
}
