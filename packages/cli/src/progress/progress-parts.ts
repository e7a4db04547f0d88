import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { formatCount, formatCounted } from '../format/count.ts';
import { formatRemaining } from '../format/duration.ts';
import { formatRate, formatSize } from '../format/size.ts';

/** The parts of a progress line as texts; null where nothing is known yet. */
export interface ProgressParts {
  readonly percent: string | null;
  readonly bytes: string | null;
  readonly bytesShort: string | null;
  readonly files: string | null;
  readonly filesShort: string | null;
  readonly rate: string | null;
  readonly remaining: string | null;
}

/** Puts the figures of a progress into words. The short forms leave the totals out. */
export function progressParts(progress: ProgressView): ProgressParts {
  const { bytes_done, bytes_total, files_done, files_total, percent, bytes_per_second, eta_seconds } = progress;
  const hasBytes = bytes_done > 0 || (bytes_total ?? 0) > 0;
  const hasFiles = files_done > 0 || (files_total ?? 0) > 0;
  // The rate of the first moments foretells nothing, and no time left is not worth a word.
  const foreseeable = percent !== null && percent >= 1 && eta_seconds !== 0;
  const sizeDone = formatSize(bytes_done);
  return {
    percent: percent === null ? null : `${Math.floor(percent)} %`,
    bytes: !hasBytes ? null : bytes_total === null ? sizeDone : `${sizeDone} of ${formatSize(bytes_total)}`,
    bytesShort: hasBytes ? sizeDone : null,
    files: !hasFiles
      ? null
      : files_total === null
        ? formatCounted(files_done, 'file')
        : `${formatCount(files_done)} of ${formatCounted(files_total, 'file')}`,
    filesShort: hasFiles ? formatCounted(files_done, 'file') : null,
    rate: bytes_per_second === null || bytes_per_second === 0 ? null : formatRate(bytes_per_second),
    remaining: eta_seconds === null || !foreseeable ? null : `${formatRemaining(eta_seconds)} left`,
  };
}
