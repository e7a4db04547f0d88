import { PlatformError } from '@enterprise-backup/contracts/errors';
import { connectionSlots } from './connection-slots.ts';

/** Which way bytes go, as seen from this machine. */
export type Direction = 'up' | 'down';

/** A rate, for a part of the day or for all of it. */
export interface RateRule {
  /** Null sets no limit. */
  readonly bytesPerSecond: number | null;
  /** Minutes since midnight, from the first to before the second; a window may run past midnight. Null: all day. */
  readonly window: { readonly from: number; readonly to: number } | null;
}

/** Limits as a person sets them. Of the rules of a direction the first whose window holds the present counts. */
export interface TransferLimits {
  readonly up: readonly RateRule[];
  readonly down: readonly RateRule[];
  /** Requests, or files of a folder, in work at a time; null for no limit. */
  readonly connections: number | null;
  /** Time zone of the windows, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Limits with the memory in which the threads of a process account for them together. */
export interface SharedLimits {
  readonly limits: TransferLimits;
  readonly rates: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/** Below this a connection would be silent for so long that the other side hangs up. */
export const lowestRate = 64 * 1024;
const minutesPerDay = 24 * 60;

/**
 * Gives limits the memory that threads share. Call it once, and hand the result to every storage that is to keep the
 * limits together. Throws STORAGE_OPTIONS_INVALID for a rate below 64 KiB/s, a window or a zone that does not exist.
 */
export function shareLimits(limits: TransferLimits): SharedLimits {
  for (const { bytesPerSecond, window } of [...limits.up, ...limits.down]) {
    if (bytesPerSecond !== null && !(bytesPerSecond >= lowestRate))
      throw invalid('a rate is at least 64 KiB per second');
    if (window !== null && !(isMinute(window.from) && isMinute(window.to) && window.from !== window.to)) {
      throw invalid('a window lies between 00:00 and 23:59 and is not empty');
    }
  }
  const { connections, timeZone } = limits;
  if (connections !== null && !(Number.isInteger(connections) && connections >= 1 && connections <= 1000)) {
    throw invalid('there are 1 to 1000 connections');
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw invalid(`there is no time zone ${JSON.stringify(timeZone)}`);
  }
  return { limits, rates: new SharedArrayBuffer(16), slots: connectionSlots(connections ?? 0) };
}

/** The rate that counts at a minute of the day, in bytes per second; null for none. */
export function rateAt(rules: readonly RateRule[], minute: number): number | null {
  const rule = rules.find(({ window }) => {
    if (window === null) return true;
    const { from, to } = window;
    return from < to ? minute >= from && minute < to : minute >= from || minute < to;
  });
  return rule?.bytesPerSecond ?? null;
}

function isMinute(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < minutesPerDay;
}

function invalid(reason: string): PlatformError {
  return new PlatformError('STORAGE_OPTIONS_INVALID', `the limits cannot be kept: ${reason}`);
}
