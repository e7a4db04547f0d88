import { checkPack } from '../checker/check-pack.ts';
import { blobKey } from '../checker/impact.ts';
import { isDamage } from '../damage.ts';
import type { BlobId, BlobType, PackContents, PackedBlob, PackId } from '../format/blob.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import { listIndexedPacks, type IndexSurvey } from '../index/index-survey.ts';
import { parsePackHeader } from '../pack/read-pack-header.ts';
import { throwIfAborted } from '../pauses.ts';
import { openBlob } from '../open-blob.ts';
import type { Repository } from '../repository.ts';

/** A blob by its identity. */
export interface BlobName {
  readonly type: BlobType;
  readonly id: BlobId;
}

/** Takes a blob that was found whole, to store it anew. */
export type BlobSink = (blob: BlobName, plaintext: Buffer) => Promise<void>;

/** What was found of the blobs of a damaged pack. */
export interface SalvagedPack {
  readonly id: PackId;
  readonly reason: string;
  readonly salvaged: number;
  readonly elsewhere: number;
  readonly lost: readonly BlobName[];
}

/** What is known before a salvage. */
export interface SalvageGround {
  readonly survey: IndexSurvey;
  readonly index: BlobIndex;
  /** What lies in packs that are marked for deletion. */
  readonly marked: BlobIndex;
  /** What is wrong with each damaged pack, as a sentence. */
  readonly damaged: ReadonlyMap<PackId, string>;
}

/** What a salvage found. */
export interface SalvageOutcome {
  readonly packs: readonly SalvagedPack[];
  /** Packs that are whole after all. */
  readonly whole: readonly PackId[];
}

interface OpenPack {
  readonly id: PackId;
  readonly reason: string;
  salvaged: number;
  elsewhere: number;
  readonly missing: BlobName[];
}

/**
 * Looks for each blob of damaged packs: in the pack itself, in other damaged ones, in packs that are not damaged, and in
 * those that are marked for deletion. Gives what is to be stored anew to `sink`, each blob once. The blobs of a pack are
 * what the index lists and what its own header lists, where that can be read: either may be the one that is right. At most
 * one pack is in memory. Throws CANCELLED or a STORAGE_ error.
 */
export class Salvage {
  readonly #repository: Repository;
  readonly #ground: SalvageGround;
  readonly #sink: BlobSink;
  readonly #signal: AbortSignal;
  readonly #taken = new Set<string>();

  constructor(repository: Repository, ground: SalvageGround, sink: BlobSink, signal: AbortSignal) {
    this.#repository = repository;
    this.#ground = ground;
    this.#sink = sink;
    this.#signal = signal;
  }

  async run(): Promise<SalvageOutcome> {
    const open: OpenPack[] = [];
    const whole: PackId[] = [];
    for await (const pack of this.#contents()) {
      throwIfAborted(this.#signal);
      const salvaged = await this.#salvage(pack);
      if (salvaged === null) whole.push(pack.id);
      else open.push(salvaged);
    }
    const packs: SalvagedPack[] = [];
    for (const { id, reason, salvaged, elsewhere, missing } of open) {
      const counts = { salvaged, elsewhere };
      const lost: BlobName[] = [];
      for (const blob of missing) {
        throwIfAborted(this.#signal);
        const found = await this.#look(blob);
        if (found === null) lost.push(blob);
        else counts[found] += 1;
      }
      packs.push({ id, reason, ...counts, lost });
    }
    return { packs, whole };
  }

  /** Damaged packs with the blobs that the index lists for them; none for those that it does not list. */
  async *#contents(): AsyncGenerator<PackContents> {
    const given = new Set<PackId>();
    const { survey, damaged } = this.#ground;
    for await (const pack of listIndexedPacks(this.#repository, survey.files, (id) => damaged.has(id))) {
      given.add(pack.id);
      yield pack;
    }
    for (const id of damaged.keys()) if (!given.has(id)) yield { id, blobs: [] };
  }

  /** Takes what is whole in a pack. Returns null when nothing is wrong with it. */
  async #salvage(pack: PackContents): Promise<OpenPack | null> {
    const { key } = this.#repository;
    const data = await this.#read(pack.id);
    const header = data === null ? [] : parsePackHeader(key, data);
    const described = typeof header === 'string' ? [] : header;
    if (data !== null && described.length > 0) {
      const { faults, blobs } = await checkPack(key, { id: pack.id, blobs: described }, data);
      const isListed = pack.blobs.length === 0 || JSON.stringify(described) === JSON.stringify(pack.blobs);
      if (faults.length === 0 && blobs.length === 0 && isListed) return null;
    }
    const reason = this.#ground.damaged.get(pack.id) ?? '';
    const salvaged: OpenPack = { id: pack.id, reason, salvaged: 0, elsewhere: 0, missing: [] };
    // A pack that no index lists may be what an interrupted repair left: its blobs lie in new packs then.
    const isUnlisted = pack.blobs.length === 0;
    for (const [name, places] of placesOf([...pack.blobs, ...described])) {
      const { type, id } = places[0] as PackedBlob;
      if (isUnlisted && (await this.#isElsewhere({ type, id }))) {
        salvaged.elsewhere += 1;
        continue;
      }
      const plaintext = data === null ? null : openFirst(places, (place) => this.#open(place, data));
      if (plaintext === null) {
        salvaged.missing.push({ type, id });
        continue;
      }
      salvaged.salvaged += 1;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      await this.#sink({ type, id }, plaintext);
    }
    return salvaged;
  }

  #open(blob: PackedBlob, data: Buffer): Buffer | null {
    const end = blob.offset + blob.length;
    if (end > data.byteLength) return null;
    const opened = openBlob(this.#repository.key, blob, data.subarray(blob.offset, end));
    return typeof opened === 'string' ? null : opened;
  }

  async #look(blob: BlobName): Promise<'salvaged' | 'elsewhere' | null> {
    const name = blobKey(blob.type, blob.id);
    if (this.#taken.has(name)) return 'salvaged';
    if (await this.#isElsewhere(blob)) return 'elsewhere';
    const plaintext = await this.#find(this.#ground.marked, blob);
    if (plaintext === null) return null;
    this.#taken.add(name);
    await this.#sink(blob, plaintext);
    return 'salvaged';
  }

  /** Whether a pack that is not damaged holds a blob whole. */
  async #isElsewhere(blob: BlobName): Promise<boolean> {
    return (await this.#find(this.#ground.index, blob)) !== null;
  }

  async #find(index: BlobIndex, { type, id }: BlobName): Promise<Buffer | null> {
    for (const place of index.findAll(type, id)) {
      if (this.#ground.damaged.has(place.pack)) continue;
      try {
        const sealed = await this.#repository.storage.get('data', place.pack, place);
        const opened = openBlob(this.#repository.key, place, sealed);
        if (typeof opened !== 'string') return opened;
      } catch (error) {
        if (!isDamage(error)) throw error;
      }
    }
    return null;
  }

  async #read(pack: PackId): Promise<Buffer | null> {
    try {
      return await this.#repository.storage.get('data', pack);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }
}

function placesOf(blobs: readonly PackedBlob[]): Map<string, PackedBlob[]> {
  const places = new Map<string, PackedBlob[]>();
  for (const blob of blobs) {
    const name = blobKey(blob.type, blob.id);
    places.set(name, [...(places.get(name) ?? []), blob]);
  }
  return places;
}

function openFirst(places: readonly PackedBlob[], open: (place: PackedBlob) => Buffer | null): Buffer | null {
  for (const place of places) {
    const plaintext = open(place);
    if (plaintext !== null) return plaintext;
  }
  return null;
}
