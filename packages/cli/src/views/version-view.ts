import type { FoundVersion } from '@enterprise-backup/repository/file-history';
import { formatCount } from '../format/count.ts';
import { formatSize } from '../format/size.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';

/** As many digits of an id as restic shows. */
const shortId = 8;

/** A version for programs. */
export function versionObject({ points, ...version }: FoundVersion): object {
  return { ...version, snapshots: points };
}

/** Writes versions for persons: the first ones, and how many there are in all. */
export function writeVersions(output: Output, versions: readonly FoundVersion[], limit: number): void {
  if (versions.length === 0) {
    output.line('Nothing found.');
    return;
  }
  output.table({
    columns: [
      { title: 'path' },
      { title: 'type' },
      { title: 'size', align: 'right' },
      { title: 'changed' },
      { title: 'snapshots', align: 'right' },
      { title: 'first' },
      { title: 'last' },
    ],
    rows: versions
      .slice(0, limit)
      .map(({ path, type, size, mtime, points }) => [
        path,
        type,
        type === 'file' ? formatSize(size) : '',
        formatTime(mtime),
        formatCount(points.length),
        points[0]?.id.slice(0, shortId) ?? '',
        points.at(-1)?.id.slice(0, shortId) ?? '',
      ]),
  });
  if (versions.length > limit) output.line(`and ${formatCount(versions.length - limit)} more: see --limit`);
}
