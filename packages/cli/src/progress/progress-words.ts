import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { progressParts } from './progress-parts.ts';

/** Progress in words: `reading, 62 %, 1.2 GiB of 1.9 GiB, 23,114 of 41,002 files, 88.0 MiB/s, 8 s left`. */
export function progressWords(progress: ProgressView): string {
  const parts = progressParts(progress);
  const known = [parts.percent, parts.bytes, parts.files, parts.rate, parts.remaining].filter((part) => part !== null);
  return [progress.phase, ...known].join(', ');
}
