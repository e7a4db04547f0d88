import type { Snapshot } from '../format/snapshot.ts';

/**
 * Why a snapshot is held by a tag of its own, `hold:<reason>` or plain `hold`; null when it is not. Such a hold travels
 * with the repository and is set and taken away with `restic tag`; holds of the platform live in its catalog and are
 * handed to the engine by id.
 */
export function findHold(snapshot: Snapshot): string | null {
  for (const tag of snapshot.tags ?? []) {
    if (tag === 'hold') return 'it has the tag hold';
    if (tag.startsWith('hold:')) return tag.slice('hold:'.length);
  }
  return null;
}
