import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { RateRule } from './transfer-limits.ts';

const units = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;
const pattern = /^(?:(\d\d):(\d\d)-(\d\d):(\d\d)=)?(?:(unlimited)|(\d{1,9})([KMG]?))$/;

/**
 * Reads a rule such as `10M` (per second, in powers of 1024), `unlimited`, or `08:00-18:00=2M` for a part of the day.
 * Throws STORAGE_OPTIONS_INVALID for any other text.
 */
export function parseRateRule(text: string): RateRule {
  const match = pattern.exec(text);
  if (match === null) throw invalid(text);
  const [, fromHour, fromMinute, toHour, toMinute, unlimited, number, unit = ''] = match;
  return {
    bytesPerSecond: unlimited === undefined ? Number(number) * units[unit as keyof typeof units] : null,
    window:
      fromHour === undefined
        ? null
        : { from: minuteOf(text, fromHour, fromMinute), to: minuteOf(text, toHour, toMinute) },
  };
}

function minuteOf(text: string, hour: string | undefined, minute: string | undefined): number {
  if (Number(hour) > 23 || Number(minute) > 59) throw invalid(text);
  return Number(hour) * 60 + Number(minute);
}

function invalid(text: string): PlatformError {
  return new PlatformError(
    'STORAGE_OPTIONS_INVALID',
    `${JSON.stringify(text)} is no rate: 10M, unlimited and 08:00-18:00=2M are`,
  );
}
