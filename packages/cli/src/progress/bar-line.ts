import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { progressParts } from './progress-parts.ts';

const shortestBar = 8;
const longestBar = 28;
const gap = 2;

/**
 * Progress as one line of a terminal, never longer than `width` columns. What does not fit is left out, least telling
 * first: the totals, then the files, the rate, the remaining time, the bytes. While the total is unknown the phase stands
 * where the bar will be.
 */
export function barLine(label: string, progress: ProgressView, width: number): string {
  const parts = progressParts(progress);
  const variants = [
    [parts.bytes, parts.files, parts.rate, parts.remaining],
    [parts.bytes, parts.filesShort, parts.rate, parts.remaining],
    [parts.bytesShort, parts.filesShort, parts.rate, parts.remaining],
    [parts.bytesShort, parts.rate, parts.remaining],
    [parts.bytesShort, parts.remaining],
    [parts.bytesShort],
    [],
  ].map((variant) => variant.filter((part) => part !== null));
  for (const variant of variants) {
    const line = composeLine(label, progress, parts.percent, variant, width);
    if (line !== null) return line;
  }
  return [...`${label} ${parts.percent ?? progress.phase}`].slice(0, Math.max(0, width)).join('');
}

function composeLine(
  label: string,
  progress: ProgressView,
  percent: string | null,
  figures: readonly string[],
  width: number,
): string | null {
  const separator = ' '.repeat(gap);
  if (progress.percent === null || percent === null) {
    const line = [label, progress.phase, ...figures].join(separator);
    return line.length <= width ? line : null;
  }
  const fixed = [label, percent.padStart(5), ...figures].join(separator);
  const room = width - fixed.length - gap;
  if (room < shortestBar + 2) return null;
  const bar = drawBar(progress.percent, Math.min(longestBar, room - 2));
  return [label, bar, percent.padStart(5), ...figures].join(separator);
}

function drawBar(percent: number, length: number): string {
  const full = Math.floor((percent / 100) * length);
  return `[${'#'.repeat(full)}${'-'.repeat(length - full)}]`;
}
