import * as z from 'zod';
import type { SnapshotId } from '@enterprise-backup/contracts/ids';
import { asBlobId, isId } from './blob.ts';
import { parseTime } from './node-time.ts';

const blobId = z.string().refine(isId, 'must be 64 hex digits').transform(asBlobId);
const absentAsUndefined = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value): z.output<Schema> | undefined => (value ?? undefined) as z.output<Schema> | undefined);
const texts = z.array(z.string());
const count = z.number().min(0);

/** Counts of a backup as restic 0.17 and later writes them. Sizes in bytes. */
export const snapshotSummary = z.object({
  backup_start: z.string(),
  backup_end: z.string(),
  files_new: count,
  files_changed: count,
  files_unmodified: count,
  dirs_new: count,
  dirs_changed: count,
  dirs_unmodified: count,
  data_blobs: count,
  tree_blobs: count,
  data_added: count,
  data_added_packed: count,
  total_files_processed: count,
  total_bytes_processed: count,
});
export type SnapshotSummary = z.output<typeof snapshotSummary>;

/** A snapshot file. The order of the fields is the one in which restic writes them. */
const snapshotFile = z.object({
  time: z.string().refine((time) => parseTime(time) !== null, 'must be a time'),
  parent: absentAsUndefined(z.string()),
  tree: blobId,
  paths: absentAsUndefined(texts),
  hostname: absentAsUndefined(z.string()),
  username: absentAsUndefined(z.string()),
  uid: absentAsUndefined(z.int()),
  gid: absentAsUndefined(z.int()),
  excludes: absentAsUndefined(texts),
  tags: absentAsUndefined(texts),
  original: absentAsUndefined(z.string()),
  program_version: absentAsUndefined(z.string()),
  // Counts of other programs may have other fields: kept when they are restic's, left out otherwise.
  summary: snapshotSummary.optional().catch(undefined),
});

/** A snapshot: when, of what, by whom, and the tree that holds it. */
export type Snapshot = z.output<typeof snapshotFile>;

/** A snapshot and its id. */
export interface SnapshotEntry {
  readonly id: SnapshotId;
  readonly snapshot: Snapshot;
}

/** Encodes a snapshot. Fields that are undefined, empty lists and the ids of root are left out, as restic does. */
export function encodeSnapshot(snapshot: Snapshot): Buffer {
  const { time, parent, tree, paths = [], hostname, username, uid, gid, excludes, tags, original } = snapshot;
  return Buffer.from(
    JSON.stringify({
      time,
      parent,
      tree,
      paths,
      hostname,
      username,
      uid: uid === 0 ? undefined : uid,
      gid: gid === 0 ? undefined : gid,
      excludes: excludes?.length === 0 ? undefined : excludes,
      tags: tags?.length === 0 ? undefined : tags,
      original,
      program_version: snapshot.program_version,
      summary: snapshot.summary,
    }),
  );
}

/** Decodes a snapshot. Returns null when it has no tree, no time, or a field of the wrong type. */
export function decodeSnapshot(json: Buffer): Snapshot | null {
  try {
    const parsed = snapshotFile.safeParse(JSON.parse(json.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
