/** How much space may stay unused: a share of the used space in percent, a size in bytes, or any amount. */
export type UnusedLimit = { readonly percent: number } | { readonly bytes: number } | 'unlimited';

/** How a prune weighs space against work. */
export interface PruneSettings {
  /** Unused space that may stay in packs that are partly used. */
  readonly maxUnused: UnusedLimit;
  /** Most bytes of blobs that one run fetches and stores again. */
  readonly maxRepackBytes: number;
  /** How long a pack stays after it was marked, in seconds. It has to exceed the longest backup that runs without a lock. */
  readonly graceSeconds: number;
}

/**
 * Unused space as restic has it by default. The grace is a little less than a day, so that a prune each day deletes what
 * that of the day before has marked.
 */
export const defaultPruneSettings: PruneSettings = {
  maxUnused: { percent: 5 },
  maxRepackBytes: Number.POSITIVE_INFINITY,
  graceSeconds: 23 * 3600,
};
