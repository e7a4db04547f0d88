import * as z from 'zod';
import type { SnapshotEntry } from '../format/snapshot.ts';

/** What snapshots must have in common to be of one group, which is what a source is to the engine. */
export const groupCriterion = z.enum(['host', 'paths', 'tags']);
export type GroupCriterion = z.output<typeof groupCriterion>;

/** What the snapshots of a group have in common; null for what they were not grouped by. Lists are sorted. */
export const groupKey = z.object({
  host: z.string().nullable(),
  paths: z.array(z.string()).nullable(),
  tags: z.array(z.string()).nullable(),
});
export type GroupKey = z.output<typeof groupKey>;

/** Snapshots that belong together. */
export interface SnapshotGroup {
  readonly key: GroupKey;
  readonly entries: readonly SnapshotEntry[];
}

/** Which snapshots to look at; an empty list sets no condition. */
export interface SnapshotFilter {
  /** The host is one of these. */
  readonly hosts?: readonly string[];
  /** It has all tags of one of these lists. */
  readonly tags?: readonly (readonly string[])[];
  /** Its paths include all of these. */
  readonly paths?: readonly string[];
}

/** Selects snapshots as restic's `--host`, `--tag` and `--path` do. */
export function filterSnapshots(entries: readonly SnapshotEntry[], filter: SnapshotFilter): SnapshotEntry[] {
  const { hosts = [], tags = [], paths = [] } = filter;
  return entries.filter(({ snapshot }) => {
    const own = snapshot.tags ?? [];
    return (
      (hosts.length === 0 || hosts.includes(snapshot.hostname ?? '')) &&
      (tags.length === 0 || tags.some((list) => hasAllTags(own, list))) &&
      paths.every((path) => snapshot.paths?.includes(path) === true)
    );
  });
}

/** Tells whether a snapshot with the tags `own` has all of `wanted`. As to restic, a list that starts with the empty tag fits one without tags. */
export function hasAllTags(own: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((tag) => own.includes(tag)) || (wanted[0] === '' && own.length === 0);
}

/** Groups snapshots, the groups in the order of their keys. Without a criterion all are one group. */
export function groupSnapshots(
  entries: readonly SnapshotEntry[],
  criteria: readonly GroupCriterion[],
): SnapshotGroup[] {
  const groups = new Map<string, { readonly key: GroupKey; readonly entries: SnapshotEntry[] }>();
  for (const entry of entries) {
    const { hostname = '', paths = [], tags = [] } = entry.snapshot;
    const key = {
      host: criteria.includes('host') ? hostname : null,
      paths: criteria.includes('paths') ? paths.toSorted() : null,
      tags: criteria.includes('tags') ? tags.toSorted() : null,
    };
    const text = JSON.stringify(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, entries: [entry] });
    else group.entries.push(entry);
  }
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => group);
}

/** A group in words for a person: `host web-01, paths /srv /etc`. */
export function describeGroup({ host, paths, tags }: GroupKey): string {
  const parts = [
    ...(host === null ? [] : [`host ${host === '' ? '(none)' : host}`]),
    ...(paths === null ? [] : [`paths ${paths.join(' ')}`]),
    ...(tags === null ? [] : [tags.length === 0 ? 'no tags' : `tags ${tags.join(' ')}`]),
  ];
  return parts.length === 0 ? 'all snapshots' : parts.join(', ');
}
