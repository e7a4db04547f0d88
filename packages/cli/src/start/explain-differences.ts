import type { SkippedItem } from '@enterprise-backup/contracts/tasks';
import type { Difference } from '@enterprise-backup/sources/compare-folders';
import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../files/system-error-code.ts';

/** Differences, parted by whether they speak against the recovery. */
export interface ExplainedDifferences {
  /** Nothing but a fault explains these. */
  readonly unexplained: readonly Difference[];
  /** The person's source was changed after the backup began. */
  readonly changedSince: readonly Difference[];
  /** The backup has said that it leaves these out. */
  readonly leftOut: readonly Difference[];
}

export interface ComparedSource {
  readonly path: string;
  /** When the newest backup of it began. */
  readonly backupStartedAt: Date;
  readonly skipped: readonly SkippedItem[];
}

/**
 * Parts the differences between a source that others may write to at any time and what was recovered. A difference is
 * explained when the source's entry, or the folder that it stands in, was changed after the backup began (by its change
 * time, which nobody can set), and when the backup has reported the entry, or a folder above it, as left out or it cannot
 * be read. Everything else is unexplained.
 */
export async function explainDifferences(
  differences: readonly Difference[],
  source: ComparedSource,
): Promise<ExplainedDifferences> {
  const skipped = new Set(source.skipped.map(({ path }) => path));
  const parts = { unexplained: [] as Difference[], changedSince: [] as Difference[], leftOut: [] as Difference[] };
  for (const difference of differences) {
    const path = join(source.path, difference.path);
    if (await wasLeftOut(path, difference, skipped, source.path)) parts.leftOut.push(difference);
    else if (await wasChangedSince(path, source.backupStartedAt)) parts.changedSince.push(difference);
    else parts.unexplained.push(difference);
  }
  return parts;
}

async function wasLeftOut(
  path: string,
  difference: Difference,
  skipped: ReadonlySet<string>,
  root: string,
): Promise<boolean> {
  for (let place = path; place.length > root.length; place = dirname(place)) if (skipped.has(place)) return true;
  if (difference.what !== 'missing') return false;
  try {
    await access(path, constants.R_OK);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'EACCES' || systemErrorCode(error) === 'EPERM';
  }
}

async function wasChangedSince(path: string, since: Date): Promise<boolean> {
  for (const place of [path, dirname(path)]) {
    try {
      if ((await lstat(place)).ctime >= since) return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') return false;
    }
  }
  return false;
}
