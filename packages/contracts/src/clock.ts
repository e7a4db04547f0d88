/** Where the current time comes from. Passed in, so that decisions about time can be tested and replayed. */
export interface Clock {
  /** The current time. */
  now(): Date;
}

/** The machine's clock: the only place in the project that reads it. */
export const systemClock: Clock = { now: () => new Date() };
