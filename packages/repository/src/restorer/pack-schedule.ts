import type { BlobId, PackId } from '../format/blob.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { plainLength } from './plain-length.ts';
import type { WantedBlob } from './restore-messages.ts';
import type { PlannedFile } from './restore-plan.ts';

interface ScheduledBlob {
  /** Copies of the blob that were not tried yet; the one in work is the first. */
  readonly copies: BlobLocation[];
  readonly uses: { readonly file: PlannedFile; readonly offset: number }[];
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

  /** Adds a file. Returns a blob that no index lists when there is one, and the file is left out; else null. */
  add(file: PlannedFile): BlobId | null {
    const missing = file.content.find((id) => !this.#blobs.has(id) && this.#index.find('data', id) === null);
    if (missing !== undefined) return missing;
    let offset = 0;
    for (const id of file.content) {
      let scheduled = this.#blobs.get(id);
      if (scheduled === undefined) {
        scheduled = { copies: [...this.#index.findAll('data', id)], uses: [] };
        this.#blobs.set(id, scheduled);
      }
      scheduled.uses.push({ file, offset });
      offset += scheduled.copies[0] === undefined ? 0 : plainLength(scheduled.copies[0]);
    }
    return null;
  }

  /** All jobs, in the order in which files need the packs. */
  jobs(): PackJob[] {
    return this.#group(this.#blobs.values());
  }

  /** Jobs for the next copies of blobs whose copy in work is damaged, and the files of those that have no other copy. */
  afterDamage(damaged: readonly BlobId[]): {
    readonly jobs: PackJob[];
    readonly lost: ReadonlyMap<BlobId, readonly PlannedFile[]>;
  } {
    const again: ScheduledBlob[] = [];
    const lost = new Map<BlobId, PlannedFile[]>();
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
