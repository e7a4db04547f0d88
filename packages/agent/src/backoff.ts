/** Bounds of a wait that doubles with each failure. */
export interface BackoffBounds {
  readonly first_milliseconds: number;
  readonly longest_milliseconds: number;
}

/**
 * Milliseconds to wait after failure number `failures` (1 and up): between half and all of a time that doubles each
 * time. The random half keeps many clients of a service that comes back from asking it in step. `random` is 0 to 1.
 */
export function backoffMilliseconds(failures: number, bounds: BackoffBounds, random: number): number {
  const whole = Math.min(bounds.longest_milliseconds, bounds.first_milliseconds * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole * (0.5 + 0.5 * random));
}
