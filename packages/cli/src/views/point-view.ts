import type { PointView } from '@enterprise-backup/contracts/orchestrator';
import { formatCount } from '../format/count.ts';
import { formatSize } from '../format/size.ts';
import { formatAge, formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { evidenceFields, filesOf } from './evidence-text.ts';
import { writeFields } from './fields.ts';
import { writeSkippedItems } from './skipped-items.ts';

/** Writes one recovery point with its evidence. */
export function writePoint(output: Output, point: PointView): void {
  output.line(
    `${output.paint('strong', point.backup_id)} ${point.backup_type} recovery point of ${point.source_system}`,
  );
  writeFields(output, [
    ['folder', point.evidence.source_path],
    ['created', formatTime(point.created_at)],
    ['expires', formatTime(point.expires_at)],
    ['held', point.hold_reason],
    ['last proven', point.last_proven_at === null ? 'never' : formatTime(point.last_proven_at)],
    ...evidenceFields(point.evidence),
  ]);
  writeSkippedItems(output, 'not in the point:', point.evidence.skipped, point.evidence.skipped_count);
}

/** Writes recovery points as a table. */
export function writePoints(output: Output, points: readonly PointView[], now: Date): void {
  if (points.length === 0) {
    output.line('No recovery points.');
    return;
  }
  output.table({
    columns: [
      { title: 'backup' },
      { title: 'source' },
      { title: 'type' },
      { title: 'created' },
      { title: 'files', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'stored', align: 'right' },
      { title: 'skipped', align: 'right' },
      { title: 'proven' },
      { title: 'hold' },
    ],
    rows: points.map((point) => [
      point.backup_id,
      point.source_system,
      point.backup_type,
      formatTime(point.created_at),
      formatCount(filesOf(point.evidence)),
      formatSize(point.evidence.bytes_processed),
      formatSize(point.evidence.bytes_stored),
      formatCount(point.evidence.skipped_count),
      point.last_proven_at === null ? 'never' : formatAge(point.last_proven_at, now),
      point.hold_reason ?? '',
    ]),
  });
}
