import { formatDuration } from './duration.ts';

/** A time of an answer (RFC 3339, UTC) to the second: `2026-11-22 23:12:05Z`. A dash for null. */
export function formatTime(timestamp: string | null): string {
  return timestamp === null
    ? '-'
    : new Date(timestamp)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}

/** How long ago a time of an answer was: `3 min 12 s ago`, or `in 2 h` for one to come. A dash for null. */
export function formatAge(timestamp: string | null, now: Date): string {
  if (timestamp === null) return '-';
  const seconds = (now.getTime() - new Date(timestamp).getTime()) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `${formatDuration(seconds)} ago` : `in ${formatDuration(-seconds)}`;
}
