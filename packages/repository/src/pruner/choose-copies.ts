import { PlatformError } from '@enterprise-backup/contracts/errors';
import { describeBlob } from '../open-blob.ts';
import { GrowingWords } from './growing-words.ts';
import type { PackTable, TablePack } from './pack-table.ts';

/** How much of a pack is needed. A copy is used when it is the one that stays of a needed blob. Sizes in bytes. */
export interface PackUse {
  usedBlobs: number;
  unusedBlobs: number;
  /** Part of `unusedBlobs`: copies of needed blobs that stay elsewhere. */
  duplicateBlobs: number;
  /** With the header of the pack. */
  usedBytes: number;
  unusedBytes: number;
  /** Part of `unusedBytes`, likewise. */
  duplicateBytes: number;
}

/** Which copy of each needed blob stays. */
export interface ChosenCopies {
  /** What is used of each pack that can be used: indexed, stored and of the right size, or recovered. */
  readonly uses: ReadonlyMap<TablePack, PackUse>;
  /** Marked packs that hold the only copy of a needed blob. */
  readonly recovered: ReadonlySet<TablePack>;
  /** Tells whether this copy is the one that stays. */
  isKept(copy: number): boolean;
}

/** A pack is used only when its size is what the index says: others were cut short, or are not what they were. */
export function isWhole(pack: TablePack): boolean {
  return pack.storedSize !== null && pack.storedSize === pack.indexedSize;
}

/**
 * Chooses one copy of each needed blob, so that few bytes have to be moved and what an interrupted run has moved is not
 * moved again: a copy in a pack that is needed anyway, or in one that holds nothing but copies of needed blobs, as a
 * repack writes it. `needed` tells of a blob's number whether a snapshot needs it.
 *
 * Throws PACK_DAMAGED or BLOB_MISSING when a needed blob has no copy in any whole pack.
 */
export function chooseCopies(table: PackTable, needed: (blob: number) => boolean): ChosenCopies {
  const candidates = new Uint8Array(table.blobs.size);
  const recovered = new Set<TablePack>();
  const usable = table.packs.filter((pack) => pack.listedIn.length > 0 && isWhole(pack));
  for (const pack of usable) countCandidates(table, pack, needed, candidates);
  for (let blob = 0; blob < candidates.length; blob += 1) {
    if (!needed(blob) || candidates[blob] !== 0) continue;
    const pack = findRecoverable(table, blob);
    if (pack === null) throw missing(table, blob);
    recovered.add(pack);
    usable.push(pack);
    countCandidates(table, pack, needed, candidates);
  }
  const kept = new GrowingWords();
  const uses = new Map(usable.map((pack) => [pack, countUse(table, pack, candidates, kept)]));
  for (const [pack, use] of uses) chooseDuplicates(table, pack, use, candidates, kept);
  return { uses, recovered, isKept: (copy) => kept.get(table.blobOf(copy)) === copy + 1 };
}

/** Counts up to 255 copies, which is enough: of more, the last ones count as surplus. */
function countCandidates(
  table: PackTable,
  pack: TablePack,
  needed: (blob: number) => boolean,
  candidates: Uint8Array,
): void {
  for (let copy = pack.start; copy < pack.end; copy += 1) {
    const blob = table.blobOf(copy);
    const count = candidates[blob] ?? 0;
    if (count < 255 && needed(blob)) candidates[blob] = count + 1;
  }
}

function findRecoverable(table: PackTable, blob: number): TablePack | null {
  for (const copy of table.copiesOf(blob)) {
    const pack = table.packOf(copy);
    if (pack.markedIn.length > 0 && isWhole(pack)) return pack;
  }
  return null;
}

function missing(table: PackTable, blob: number): PlatformError {
  const { type, id } = table.blobs.blobAt(blob);
  for (const copy of table.copiesOf(blob)) {
    const { id: pack, storedSize, indexedSize } = table.packOf(copy);
    const fault = storedSize === null ? 'is missing' : `has ${storedSize} bytes, expected are ${indexedSize ?? 0},`;
    return new PlatformError(
      'PACK_DAMAGED',
      `the pack ${pack} ${fault} and holds ${describeBlob(type, id)}, which is needed`,
    );
  }
  return new PlatformError('BLOB_MISSING', `${describeBlob(type, id)} is needed and in no index`);
}

/** Blobs with one copy are decided; of the others each copy counts as unused until one of them is chosen. */
function countUse(table: PackTable, pack: TablePack, candidates: Uint8Array, kept: GrowingWords): PackUse {
  let usedBlobs = 0;
  let duplicateBlobs = 0;
  let usedBytes = 0;
  let duplicateBytes = 0;
  let unusedBytes = 0;
  for (let copy = pack.start; copy < pack.end; copy += 1) {
    const blob = table.blobOf(copy);
    const count = candidates[blob] ?? 0;
    const length = table.lengthOf(copy);
    if (count === 1) {
      kept.set(blob, copy + 1);
      usedBlobs += 1;
      usedBytes += length;
    } else {
      unusedBytes += length;
      if (count === 0) continue;
      duplicateBlobs += 1;
      duplicateBytes += length;
    }
  }
  const header = (pack.indexedSize ?? 0) - usedBytes - unusedBytes;
  const unusedBlobs = pack.end - pack.start - usedBlobs;
  return { usedBlobs, unusedBlobs, duplicateBlobs, usedBytes: usedBytes + header, unusedBytes, duplicateBytes };
}

function chooseDuplicates(
  table: PackTable,
  pack: TablePack,
  use: PackUse,
  candidates: Uint8Array,
  kept: GrowingWords,
): void {
  if (use.duplicateBlobs === 0) return;
  const holdsOnlyDuplicates = use.duplicateBlobs === use.unusedBlobs;
  for (let copy = pack.start; copy < pack.end; copy += 1) {
    const blob = table.blobOf(copy);
    const left = candidates[blob] ?? 0;
    // A blob with one copy is decided, as is one of which a copy has been chosen.
    if (left === 0 || kept.get(blob) !== 0) continue;
    if (left > 1 && use.usedBlobs === 0 && !holdsOnlyDuplicates) {
      candidates[blob] = left - 1;
      continue;
    }
    const length = table.lengthOf(copy);
    kept.set(blob, copy + 1);
    use.usedBlobs += 1;
    use.usedBytes += length;
    use.unusedBlobs -= 1;
    use.unusedBytes -= length;
    use.duplicateBlobs -= 1;
    use.duplicateBytes -= length;
  }
}
