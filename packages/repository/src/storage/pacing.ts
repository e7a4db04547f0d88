import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '@enterprise-backup/contracts/clock';
import { throwIfStopped } from '../worker/serve-requests.ts';

/** A thread that waits looks this often whether it is to stop. */
const longestStretch = 250;

/** What waiting is measured and done with. Tests give one that stands still until they move it. */
export interface Pacing {
  /** Nanoseconds of a clock that never goes back and that all threads of the process share. */
  monotonic(): bigint;
  /** The time of day. */
  readonly clock: Clock;
  /** Throws CANCELLED in a worker thread that is to stop. */
  wait(milliseconds: number): Promise<void>;
  /** A number from 0 up to, and without, 1. */
  random(): number;
}

/** The machine's own time. */
export const systemPacing: Pacing = {
  monotonic: () => process.hrtime.bigint(),
  clock: systemClock,
  wait: async (milliseconds) => {
    throwIfStopped();
    for (let left = milliseconds; left > 0; left -= longestStretch) {
      await delay(Math.min(left, longestStretch));
      throwIfStopped();
    }
  },
  random: () => Math.random(),
};
