import { hash } from 'node:crypto';
import type { PackId } from '../format/blob.ts';
import type { ReadSelection } from './read-selection.ts';

/** When a pack was first seen in the repository and when it was last read and found whole, in milliseconds since 1970. */
export interface PackRecord {
  readonly seen: number;
  readonly verified: number | null;
}

/** What is known of earlier checks. */
export interface ReadHistory {
  readonly packs: ReadonlyMap<PackId, PackRecord>;
  /** Up to when everything was read that was due; null before the first check that kept a period. */
  readonly evenUntil: number | null;
}

const day = 24 * 60 * 60 * 1000;

/**
 * Chooses the packs that a check reads at the time `now`. The choice depends on nothing but ids, sizes, the time and
 * the history, so the same check made again chooses the same packs.
 *
 * Parts are restic's: by the first byte of the id. With a history a share takes the packs whose last reading is the
 * longest ago; without one it takes packs in the order of their ids, from a place that the time decides, so that checks
 * that remember nothing still come around. Packs without a record count as seen now.
 */
export function choosePacks(
  sizes: ReadonlyMap<PackId, number>,
  selection: ReadSelection,
  history: ReadHistory | null,
  now: Date,
): ReadonlySet<PackId> {
  if (selection.kind === 'all') return new Set(sizes.keys());
  if (selection.kind === 'part') {
    const isChosen = (id: PackId) => Number.parseInt(id.slice(0, 2), 16) % selection.of === selection.part - 1;
    return new Set([...sizes.keys()].filter(isChosen));
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const known = history?.packs ?? new Map<PackId, PackRecord>();
  const base = (id: PackId): number => {
    const record = known.get(id);
    return record?.verified ?? record?.seen ?? now.getTime();
  };
  if (selection.kind === 'period') {
    const period = selection.seconds * 1000;
    const evenUntil = history?.evenUntil ?? now.getTime() - Math.min(day, period);
    const elapsed = Math.max(0, now.getTime() - evenUntil);
    const done = [...sizes].reduce((sum, [id, size]) => {
      const verified = known.get(id)?.verified ?? null;
      return verified !== null && verified > evenUntil ? sum + size : sum;
    }, 0);
    const quota = total * Math.min(1, elapsed / period) - done;
    // What falls due before the next check, which may be as far away as the last one, is read now.
    const isDue = (id: PackId) => base(id) + period < now.getTime() + elapsed;
    return take(inOrder(sizes, base, known), sizes, quota, isDue);
  }
  const quota = selection.kind === 'bytes' ? selection.bytes : (total * selection.percent) / 100;
  const neverFirst = (id: PackId) => known.get(id)?.verified ?? 0;
  const ordered = history === null ? fromAPlace(sizes, now) : inOrder(sizes, neverFirst, known);
  return take(ordered, sizes, quota, () => false);
}

function take(
  ordered: readonly PackId[],
  sizes: ReadonlyMap<PackId, number>,
  quota: number,
  isDue: (id: PackId) => boolean,
): Set<PackId> {
  const chosen = new Set<PackId>();
  let bytes = 0;
  for (const id of ordered) {
    if (bytes >= quota && !isDue(id)) break;
    chosen.add(id);
    bytes += sizes.get(id) ?? 0;
  }
  return chosen;
}

/** In the order of `key`; of equal ones first those that were never read, then by id. */
function inOrder(
  sizes: ReadonlyMap<PackId, number>,
  key: (id: PackId) => number,
  known: ReadonlyMap<PackId, PackRecord>,
): PackId[] {
  const wasRead = (id: PackId) => Number((known.get(id)?.verified ?? null) !== null);
  return [...sizes.keys()].sort(
    (left, right) => key(left) - key(right) || wasRead(left) - wasRead(right) || (left < right ? -1 : 1),
  );
}

function fromAPlace(sizes: ReadonlyMap<PackId, number>, now: Date): PackId[] {
  const place = hash('sha256', now.toISOString(), 'hex');
  const ids = [...sizes.keys()].sort();
  const first = ids.findIndex((id) => id >= place);
  return first === -1 ? ids : [...ids.slice(first), ...ids.slice(0, first)];
}
