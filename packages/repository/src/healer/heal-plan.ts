import * as z from 'zod';
import { snapshotId } from '@enterprise-backup/contracts/ids';
import { asBlobId, asPackId, isId } from '../format/blob.ts';
import { touched } from '../repairer/repair-plan.ts';

const name = z.string().refine(isId, 'must be 64 hex digits');

/** A file of the repository that is damaged or gone. */
export const healedFile = z.object({
  type: z.enum(['config', 'data', 'index', 'keys', 'snapshots']),
  /** Its name; `config` for the config. */
  name: z.union([name, z.literal('config')]),
  /** What is wrong with it, as a sentence. */
  reason: z.string(),
});
export type HealedFile = z.output<typeof healedFile>;

/** A plan to mend a repository from a second copy. */
export const healPlan = z.object({
  kind: z.literal('heal'),
  repository_id: z.string(),
  planned_at: z.iso.datetime(),
  /** Where the second copy lies. */
  copy: z.string(),
  /** Whether the copy holds the same files under the same key; otherwise it has the same blobs under its own. */
  replica: z.boolean(),
  /** Files that are put back byte for byte. */
  files: z.array(healedFile),
  /** Index files that cannot be read and that the copy does not have: their packs are listed as their headers say. */
  index_dropped: z.array(healedFile),
  /** Damaged packs that are replaced by new ones: whole blobs from here, others from the copy. */
  packs: z.array(z.object({ id: name.transform(asPackId), reason: z.string() })),
  /** Blobs that are fetched from the copy into new packs, beside files that are put back. */
  blobs_fetched: z.int().min(0),
  /** Snapshots that are made anew from those of a copy with another key; `damaged` is null for one that is not there. */
  snapshots_made: z.array(z.object({ copy_id: snapshotId, original: snapshotId, damaged: snapshotId.nullable() })),
  /** What the copy does not have either. */
  lost: z.object({
    files: z.array(healedFile),
    blobs: z.array(z.object({ type: z.enum(['data', 'tree']), id: name.transform(asBlobId) })),
    touched,
  }),
});
export type HealPlan = z.output<typeof healPlan>;
