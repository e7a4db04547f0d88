import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { RecoveryResult, VerifyResult } from '@enterprise-backup/contracts/tasks';
import { formatCount, formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import { formatTime } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { progressWords } from '../progress/progress-words.ts';
import { errorFields } from './error-fields.ts';
import { writeFields } from './fields.ts';
import { writeSkippedItems } from './skipped-items.ts';
import { statusCell } from './status-cell.ts';

/** Writes one recovery with everything that is known of it. */
export function writeRecovery(output: Output, recovery: RecoveryView): void {
  const { result, verification } = recovery;
  const what = recovery.dry_run ? 'dry run of a recovery' : 'recovery';
  output.line(
    `${output.paint('strong', recovery.recovery_id)} ${what} of ${recovery.backup_id} to ${recovery.target_system}`,
  );
  writeFields(output, [
    ['status', recovery.status],
    ['source', recovery.source_system],
    ['include', recovery.include.length === 0 ? null : recovery.include.join(' ')],
    ['created', formatTime(recovery.created_at)],
    ['started', recovery.started_at === null ? null : formatTime(recovery.started_at)],
    ['completed', recovery.completed_at === null ? null : formatTime(recovery.completed_at)],
    ['attempts', String(recovery.attempts)],
    ['expected', recovery.expected_seconds === null ? null : formatDuration(recovery.expected_seconds)],
    ['progress', recovery.status === 'running' ? progressWords(recovery.progress) : null],
    ...(result === null ? [] : recoveryFields(result)),
    ['verification', verification === null ? recovery.verification_status : null],
    ...(verification === null ? [] : verificationFields(verification)),
    ['verification error', recovery.verification_error?.message ?? null],
    ...errorFields(recovery.error),
  ]);
  if (result !== null) writeSkippedItems(output, 'not restored:', result.skipped, result.skipped_count);
  if (verification !== null) {
    writeSkippedItems(output, 'different in the target:', verification.mismatches, verification.mismatch_count);
  }
}

/** What a recovery did, as fields of {@link writeFields}. Takes the engine's own result too. */
export function recoveryFields(result: Omit<RecoveryResult, 'kind'>): readonly (readonly [string, string | null])[] {
  const amount = (files: number, bytes: number): string => `${formatCounted(files, 'file')}, ${formatSize(bytes)}`;
  const took: readonly [string, string] = ['took', formatDuration(result.duration_seconds)];
  const kept: readonly [string, string | null] = [
    'kept',
    (result.files_kept ?? 0) === 0
      ? null
      : `${formatCounted(result.files_kept ?? 0, 'file')} as they stand in the target`,
  ];
  if (result.dry_run) {
    const { files_to_write: files, bytes_to_write: bytes, bytes_fetched: fetched } = result;
    return [
      ['would restore', amount(result.files_total, result.bytes_total)],
      ['would write', files === undefined || bytes === undefined ? null : amount(files, bytes)],
      ['would fetch', fetched === undefined ? null : formatSize(fetched)],
      kept,
      took,
    ];
  }
  return [
    ['content', amount(result.files_total, result.bytes_total)],
    ['written', amount(result.files_written, result.bytes_written)],
    ['fetched', result.bytes_fetched === undefined ? null : formatSize(result.bytes_fetched)],
    ['unchanged', `${formatCounted(result.files_unchanged, 'file')} already in the target`],
    kept,
    ['verified', amount(result.files_verified, result.bytes_verified)],
    took,
  ];
}

function verificationFields(result: VerifyResult): readonly (readonly [string, string | null])[] {
  const found =
    result.mismatch_count === 0 ? 'all equal to the point' : `${formatCount(result.mismatch_count)} different`;
  return [
    [
      'verified again',
      `${formatCounted(result.files_verified, 'file')}, ${formatSize(result.bytes_verified)}: ${found}`,
    ],
  ];
}

/** Writes recoveries as a table. */
export function writeRecoveries(output: Output, recoveries: readonly RecoveryView[]): void {
  if (recoveries.length === 0) {
    output.line('No recoveries.');
    return;
  }
  output.table({
    columns: [
      { title: 'recovery' },
      { title: 'backup' },
      { title: 'target' },
      { title: 'kind' },
      { title: 'status' },
      { title: 'created' },
      { title: 'done', align: 'right' },
      { title: 'error' },
    ],
    rows: recoveries.map((recovery) => [
      recovery.recovery_id,
      recovery.backup_id,
      recovery.target_system,
      recovery.dry_run ? 'dry run' : 'recovery',
      statusCell(recovery.status),
      formatTime(recovery.created_at),
      recovery.progress.percent === null ? '' : `${Math.floor(recovery.progress.percent)} %`,
      recovery.error?.code ?? '',
    ]),
  });
}
