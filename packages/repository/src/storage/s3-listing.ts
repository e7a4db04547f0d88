import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { S3Connection } from './s3-connection.ts';
import { headSize } from './s3-head.ts';
import type { S3Keys } from './s3-keys.ts';
import { pauseAfter } from './s3-retries.ts';
import { describeFile, type FileType, type StoredFile } from './storage.ts';

/** Writes and removals that a listing is held to, of each kind of file: the latest ones. */
const changesKept = 1000;
/** Listings before one that does not show what was written counts as stale for good. */
const listingAttempts = 6;

/**
 * Listings of a bucket that are whole and not stale. AWS lists what was written before; services that speak its protocol
 * may not. What this storage itself wrote or removed is the proof: a listing that contradicts it hides others' files too,
 * a lock for one.
 */
export class S3Listing {
  readonly #connection: S3Connection;
  readonly #keys: S3Keys;
  /** What this storage did last to a file: whether the file is there since. */
  readonly #changes = new Map<FileType, Map<string, boolean>>();

  constructor(connection: S3Connection, keys: S3Keys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /** Notes that a file was written (`present`) or removed. */
  note(type: FileType, name: string, present: boolean): void {
    const changes = this.#changes.get(type) ?? new Map<string, boolean>();
    this.#changes.set(type, changes);
    changes.delete(name);
    changes.set(name, present);
    if (changes.size > changesKept) changes.delete(changes.keys().next().value ?? name);
  }

  /**
   * All files of a kind but `config`. Packs come as they are read, and a stale listing is an error at its end; of the other
   * kinds, which are few, a stale listing is asked for again. Throws STORAGE_UNAVAILABLE for one that stays stale.
   */
  async *list(type: FileType): AsyncIterable<StoredFile> {
    if (type === 'data') {
      const before = this.#changesUntilNow(type);
      const seen = new Set<string>();
      for await (const file of this.#read(type)) {
        if (before.has(file.name)) seen.add(file.name);
        yield file;
      }
      const stale = await this.#contradiction(type, before, seen);
      if (stale !== null) throw this.#staleError(type, stale);
      return;
    }
    for (let attempt = 1; ; attempt += 1) {
      const before = this.#changesUntilNow(type);
      const files: StoredFile[] = [];
      for await (const file of this.#read(type)) files.push(file);
      const stale = await this.#contradiction(type, before, new Set(files.map(({ name }) => name)));
      if (stale === null) {
        yield* files;
        return;
      }
      if (attempt === listingAttempts) throw this.#staleError(type, stale);
      const { pacing } = this.#connection;
      await pacing.wait(pauseAfter(attempt, pacing.random()));
    }
  }

  /** A file that the listing shows wrongly, if there is one. Others may have changed it since, which the file itself tells. */
  async #contradiction(
    type: FileType,
    before: ReadonlyMap<string, boolean>,
    seen: ReadonlySet<string>,
  ): Promise<string | null> {
    for (const [name, present] of before) {
      const changedSince = this.#changes.get(type)?.get(name) !== present;
      if (seen.has(name) === present || changedSince) continue;
      const what = `looking for ${describeFile(type, name)}`;
      const size = await this.#connection.request(what, (client) =>
        headSize(client, this.#connection, this.#keys.of(type, name)),
      );
      if ((size !== null) !== seen.has(name)) return name;
      this.#changes.get(type)?.delete(name);
    }
    return null;
  }

  /** What a listing that starts now must show: what is written while it is read may be in it or not. */
  #changesUntilNow(type: FileType): ReadonlyMap<string, boolean> {
    return new Map(this.#changes.get(type));
  }

  async *#read(type: FileType): AsyncIterable<StoredFile> {
    let token: string | undefined;
    do {
      const page = await this.#readPage(type, token);
      for (const { Key = '', Size } of page.Contents ?? []) {
        const name = this.#keys.nameOf(type, Key);
        if (name !== null && Size !== undefined) yield { name, size: Size };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** An answer that says neither that it is the last nor where it goes on would pass for the end of the listing. */
  async #readPage(type: FileType, token: string | undefined): Promise<ListObjectsV2CommandOutput> {
    const { bucket, location } = this.#connection;
    return this.#connection.request(`listing ${type}`, async (client) => {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: this.#keys.start(type),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      const { IsTruncated, NextContinuationToken } = page;
      const goesOn = IsTruncated === true && NextContinuationToken !== undefined && NextContinuationToken !== token;
      if (IsTruncated === false || goesOn) return page;
      throw new PlatformError('STORAGE_UNAVAILABLE', `listing ${type} at ${location} failed: the answer is not whole`);
    });
  }

  #staleError(type: FileType, name: string): PlatformError {
    const file = describeFile(type, name);
    const reason = `the service lists an earlier state, which is wrong about ${file}`;
    return new PlatformError(
      'STORAGE_UNAVAILABLE',
      `listing ${type} at ${this.#connection.location} failed: ${reason}`,
    );
  }
}
