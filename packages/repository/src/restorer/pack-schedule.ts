import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { BlobId, PackId } from '../format/blob.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import { plainLengthAt } from './plain-length.ts';
import type { BlobUse, WantedBlob } from './restore-messages.ts';
import type { PlannedFile, TargetFile } from './restore-plan.ts';

/** Blobs to fetch from one pack. What they are is found out only when the pack's turn comes: all at once take much memory. */
export interface PackJob {
  readonly pack: PackId;
  readonly blobs: () => WantedBlob[];
}

/**
 * Which blobs to fetch from which pack, so that each pack is visited once and each blob fetched once, however many
 * files hold it.
 */
export class PackSchedule {
  readonly #index: BlobIndex;
  /** Uses of blobs, in the order in which they were added: number of the blob, file and offset in it. */
  readonly #blobs: number[] = [];
  readonly #files: PlannedFile[] = [];
  readonly #offsets: number[] = [];
  /** Positions in these lists by number of the pack that is to be read for them, in the order in which files need the packs. */
  readonly #usesByPack = new Map<number, number[]>();
  /** Copies of damaged blobs that were not tried yet, by number; the one in work is the first. */
  readonly #copies = new Map<number, BlobLocation[]>();

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  /**
   * Adds blobs of a file by their positions in its content, in ascending order; null adds all. All blobs of the file must
   * be in the index.
   */
  add(file: PlannedFile, positions: readonly number[] | null): void {
    let offset = 0;
    let next = 0;
    for (let at = 0; at < file.content.length; at += 1) {
      const blob = file.content[at] as number;
      const length = plainLengthAt(this.#index, blob);
      if (length === null) {
        throw new PlatformError('BLOB_MISSING', `its data blob ${this.#index.blobAt(blob).id} is in no index`);
      }
      if (positions === null || positions[next] === at) {
        this.#addUse(blob, file, offset);
        next += 1;
      }
      offset += length;
    }
  }

  #addUse(blob: number, file: PlannedFile, offset: number): void {
    const pack = this.#index.packAt(blob);
    const uses = this.#usesByPack.get(pack);
    if (uses === undefined) this.#usesByPack.set(pack, [this.#blobs.length]);
    else uses.push(this.#blobs.length);
    this.#blobs.push(blob);
    this.#files.push(file);
    this.#offsets.push(offset);
  }

  /** All jobs, in the order in which files need the packs. */
  jobs(): PackJob[] {
    return [...this.#usesByPack].map(([pack, uses]) => ({
      pack: this.#index.packId(pack),
      blobs: () => this.#group(uses),
    }));
  }

  /** Jobs for the next copies of blobs whose copy in work is damaged, and the files of those that have no other copy. */
  afterDamage(damaged: readonly BlobId[]): {
    readonly jobs: PackJob[];
    readonly lost: ReadonlyMap<BlobId, readonly TargetFile[]>;
  } {
    const numbers = new Set(damaged.map((id) => this.#index.numberOf('data', id)));
    const uses = [...this.#blobs.keys()].filter((use) => numbers.has(this.#blobs[use] as number));
    const blobs = new Map<PackId, WantedBlob[]>();
    const lost = new Map<BlobId, TargetFile[]>();
    for (const wanted of this.#group(uses)) {
      const { id } = wanted.blob;
      const number = this.#index.numberOf('data', id);
      const copies = this.#copies.get(number) ?? [...this.#index.findAll('data', id)];
      this.#copies.set(number, copies);
      copies.shift();
      const [next] = copies;
      if (next === undefined) {
        lost.set(
          id,
          wanted.uses.map(({ file }) => file),
        );
        continue;
      }
      const sameBlobs = blobs.get(next.pack) ?? [];
      sameBlobs.push({ blob: next, uses: wanted.uses });
      blobs.set(next.pack, sameBlobs);
    }
    return { jobs: [...blobs].map(([pack, wanted]) => ({ pack, blobs: () => wanted })), lost };
  }

  /** Each blob once, with all its uses, at the place where the index finds it first. */
  #group(uses: readonly number[]): WantedBlob[] {
    const wanted = new Map<number, { readonly blob: BlobLocation; readonly uses: BlobUse[] }>();
    for (const at of uses) {
      const number = this.#blobs[at] as number;
      const use = { file: this.#files[at] as PlannedFile, offset: this.#offsets[at] as number };
      const known = wanted.get(number);
      if (known !== undefined) {
        known.uses.push(use);
        continue;
      }
      const blob = this.#index.locationAt(number);
      if (blob !== null) wanted.set(number, { blob, uses: [use] });
    }
    return [...wanted.values()];
  }
}
