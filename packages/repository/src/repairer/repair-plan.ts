import * as z from 'zod';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { asBlobId, asPackId, isId } from '../format/blob.ts';
import type { Repository } from '../repository.ts';

const id = z.string().refine(isId, 'must be 64 hex digits');
const packId = id.transform(asPackId);
const blob = z.object({ type: z.enum(['data', 'tree']), id: id.transform(asBlobId) });
const count = z.int().min(0);
const planned = { repository_id: z.string(), planned_at: z.iso.datetime() };

/** Snapshots and files that are touched; of the files the first ones, in the form `<snapshot>:<path>`. */
export const touched = z.object({ points: z.array(snapshotId), affected: z.array(z.string()) });
export type Touched = z.output<typeof touched>;

/** A plan to make the index from what the packs say of themselves. */
export const indexRepairPlan = z.object({
  kind: z.literal('index'),
  ...planned,
  /** Whether every pack is read again, not just those that the index does not describe rightly. */
  read_all_packs: z.boolean(),
  /** Index files that cannot be read and are removed. */
  unreadable: z.array(z.object({ name: id, reason: z.string() })),
  /** Packs that are listed and are not there: they are listed no longer. */
  missing: z.array(packId),
  /** Packs that are listed as their header says. */
  read: z.array(z.object({ id: packId, reason: z.string(), blobs: count })),
  /** Packs whose header cannot be read. They stay as they are; `repair packs` saves what is whole. */
  unusable: z.array(z.object({ id: packId, reason: z.string() })),
});
export type IndexRepairPlan = z.output<typeof indexRepairPlan>;

/** A damaged pack, and what becomes of its blobs. */
export const damagedPack = z.object({
  id: packId,
  /** What is wrong with it, as a sentence. */
  reason: z.string(),
  /** Blobs that are whole, here or in another damaged pack, and go into new packs. */
  salvaged: count,
  /** Blobs that another pack holds whole. */
  elsewhere: count,
  /** Blobs that no pack holds whole. */
  lost: z.array(blob),
});

/** A plan to replace damaged packs by new ones with what is whole in them. */
export const packRepairPlan = z.object({
  kind: z.literal('packs'),
  ...planned,
  packs: z.array(damagedPack),
  /** What the lost blobs touch. */
  touched,
});
export type PackRepairPlan = z.output<typeof packRepairPlan>;

/** What a repaired snapshot no longer holds. */
export const lostEntry = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder']),
  /** Size of a file in bytes; 0 for a folder, whose content is unknown. */
  size: z.number().min(0),
  reason: z.string(),
});
export type LostEntry = z.output<typeof lostEntry>;

/** A snapshot that is replaced by one without what is lost. */
export const repairedSnapshot = z.object({
  snapshot_id: snapshotId,
  /** The snapshot that an earlier repair has put beside it already. */
  repaired_before: snapshotId.nullable(),
  time: z.string(),
  /** Root of the new snapshot's tree. */
  tree: id.transform(asBlobId),
  /** The first hundred entries that are lost. */
  lost: z.array(lostEntry),
  lost_files: count,
  lost_folders: count,
  lost_bytes: z.number().min(0),
  /** Files that are noted with a wrong size, and get the right one. */
  corrected_files: count,
});
export type RepairedSnapshot = z.output<typeof repairedSnapshot>;

/** A plan to replace snapshots that have lost something. */
export const snapshotRepairPlan = z.object({
  kind: z.literal('snapshots'),
  ...planned,
  /** Whether the damaged snapshots, and the files that are no snapshots any more, are removed. */
  remove_damaged: z.boolean(),
  repaired: z.array(repairedSnapshot),
  /** Snapshots of which nothing is left: their file or the root of their tree cannot be read. */
  beyond_repair: z.array(z.object({ snapshot_id: snapshotId, reason: z.string() })),
});
export type SnapshotRepairPlan = z.output<typeof snapshotRepairPlan>;

/** Throws REQUEST_INVALID for a plan of another repository. */
export function assertPlanOf(repository: Repository, plan: { readonly repository_id: string }): void {
  if (plan.repository_id === repository.id) return;
  throw new PlatformError('REQUEST_INVALID', `the plan was made for the repository ${plan.repository_id}`);
}

/** Throws PLAN_STALE when something would happen now that the plan does not name. `what` is a noun. */
export function assertPlanned(what: string, now: Iterable<string>, planned: Iterable<string>): void {
  const known = new Set(planned);
  for (const name of now) {
    if (!known.has(name)) throw new PlatformError('PLAN_STALE', `${what} ${name} is not in the plan`);
  }
}
