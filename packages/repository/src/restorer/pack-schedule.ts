import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId, PackId } from '../format/blob.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { plainLength } from './plain-length.ts';
import type { WantedBlob } from './restore-messages.ts';
import type { PlannedFile, TargetFile } from './restore-plan.ts';

interface ScheduledBlob {
  /** Copies of the blob that were not tried yet; the one in work is the first. */
  readonly copies: BlobLocation[];
  readonly uses: { readonly file: TargetFile; readonly offset: number }[];
}

/** Blobs to fetch from one pack. */
export interface PackJob {
  readonly pack: PackId;
  readonly blobs: WantedBlob[];
}

/**
 * Which blobs to fetch from which pack, so that each pack is visited once and each blob fetched once, however many
 * files hold it.
 */
export class PackSchedule {
  readonly #index: BlobIndex;
  readonly #blobs = new Map<BlobId, ScheduledBlob>();

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  /** Adds blobs of a file by their positions in its content. All blobs of the file must be in the index. */
  add(file: PlannedFile, positions: readonly number[]): void {
    const { content, ...target } = file;
    const wanted = new Set(positions);
    let offset = 0;
    for (const [at, id] of content.entries()) {
      const location = this.#index.find('data', id);
      if (location === null) throw new PlatformError('BLOB_MISSING', `its data blob ${id} is in no index`);
      if (wanted.has(at)) {
        let scheduled = this.#blobs.get(id);
        if (scheduled === undefined) {
          scheduled = { copies: [...this.#index.findAll('data', id)], uses: [] };
          this.#blobs.set(id, scheduled);
        }
        scheduled.uses.push({ file: target, offset });
      }
      offset += plainLength(location);
    }
  }

  /** All jobs, in the order in which files need the packs. */
  jobs(): PackJob[] {
    return this.#group(this.#blobs.values());
  }

  /** Jobs for the next copies of blobs whose copy in work is damaged, and the files of those that have no other copy. */
  afterDamage(damaged: readonly BlobId[]): {
    readonly jobs: PackJob[];
    readonly lost: ReadonlyMap<BlobId, readonly TargetFile[]>;
  } {
    const again: ScheduledBlob[] = [];
    const lost = new Map<BlobId, TargetFile[]>();
    for (const id of damaged) {
      const scheduled = this.#blobs.get(id);
      if (scheduled === undefined) continue;
      scheduled.copies.shift();
      if (scheduled.copies.length > 0) again.push(scheduled);
      else
        lost.set(
          id,
          scheduled.uses.map(({ file }) => file),
        );
    }
    return { jobs: this.#group(again), lost };
  }

  #group(scheduled: Iterable<ScheduledBlob>): PackJob[] {
    const jobs = new Map<PackId, PackJob>();
    for (const { copies, uses } of scheduled) {
      const [location] = copies;
      if (location === undefined) continue;
      const job = jobs.get(location.pack) ?? { pack: location.pack, blobs: [] };
      job.blobs.push({ blob: location, uses });
      jobs.set(location.pack, job);
    }
    return [...jobs.values()];
  }
}
