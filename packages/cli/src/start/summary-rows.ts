import type { RecoveryResult } from '@enterprise-backup/contracts/tasks';
import type { CheckOutcome } from '@enterprise-backup/repository/check';
import type { ComparisonOutcome } from '@enterprise-backup/sources/compare-folders';
import { formatCount } from '../format/count.ts';
import { formatSize } from '../format/size.ts';
import type { TableContent } from '../output/table.ts';
import { filesOf, type BackupEvidence } from '../views/evidence-text.ts';

/** One line of the table at the end of a start. Null where a column says nothing. Sizes in bytes. */
export interface SummaryRow {
  readonly what: string;
  readonly files: number | null;
  readonly bytes_read: number | null;
  readonly bytes_stored: number | null;
  /** How many times more is protected than was new. Null when nothing was new. */
  readonly dedup_ratio: number | null;
  /** How many times smaller the new data is as stored. Null when nothing was new. */
  readonly compression_ratio: number | null;
  readonly seconds: number;
  /** Bytes read in a second; of a recovery, bytes written. */
  readonly bytes_per_second: number | null;
}

const ratio = (more: number, less: number): number | null =>
  more === 0 || less === 0 ? null : Math.round((more / less) * 100) / 100;

const perSecond = (bytes: number, seconds: number): number | null =>
  bytes === 0 || seconds === 0 ? null : Math.round(bytes / seconds);

/** The line of a backup. */
export function backupRow(what: string, evidence: BackupEvidence): SummaryRow {
  const { bytes_processed, bytes_read, bytes_added, bytes_stored, duration_seconds } = evidence;
  return {
    what,
    files: filesOf(evidence),
    bytes_read,
    bytes_stored,
    dedup_ratio: ratio(bytes_processed, bytes_added),
    compression_ratio: ratio(bytes_added, bytes_stored),
    seconds: duration_seconds,
    bytes_per_second: perSecond(bytes_read, duration_seconds),
  };
}

const noStorage = { bytes_stored: null, dedup_ratio: null, compression_ratio: null };

/** The line of a recovery. Its bytes are written and verified, not read from a source. */
export function recoveryRow(what: string, result: RecoveryResult): SummaryRow {
  return {
    what,
    files: result.files_total,
    bytes_read: result.bytes_total,
    ...noStorage,
    seconds: result.duration_seconds,
    bytes_per_second: perSecond(result.bytes_written, result.duration_seconds),
  };
}

/** The line of the comparison of the recovered folder with the source. */
export function comparisonRow(what: string, outcome: ComparisonOutcome, seconds: number): SummaryRow {
  const rate = perSecond(outcome.bytes, seconds);
  return { what, files: outcome.files, bytes_read: outcome.bytes, ...noStorage, seconds, bytes_per_second: rate };
}

/** The line of the check of the repository. */
export function checkRow(what: string, outcome: CheckOutcome, seconds: number): SummaryRow {
  const rate = perSecond(outcome.bytes_read, seconds);
  return { what, files: null, bytes_read: outcome.bytes_read, ...noStorage, seconds, bytes_per_second: rate };
}

/** The lines as a table for persons. */
export function summaryTable(rows: readonly SummaryRow[]): TableContent {
  const or = <Value>(value: Value | null, format: (value: Value) => string): string =>
    value === null ? '-' : format(value);
  const times = (value: number): string => `${value < 100 ? value.toFixed(1) : formatCount(value)}x`;
  return {
    columns: [
      { title: 'what' },
      { title: 'files', align: 'right' },
      { title: 'read', align: 'right' },
      { title: 'stored', align: 'right' },
      { title: 'dedup', align: 'right' },
      { title: 'compr.', align: 'right' },
      { title: 'seconds', align: 'right' },
      { title: 'MB/s', align: 'right' },
    ],
    rows: rows.map((row) => [
      row.what,
      or(row.files, formatCount),
      or(row.bytes_read, formatSize),
      or(row.bytes_stored, formatSize),
      or(row.dedup_ratio, times),
      or(row.compression_ratio, times),
      row.seconds.toFixed(1),
      or(row.bytes_per_second, (rate) => (rate / 1e6).toFixed(1)),
    ]),
  };
}
