/** A clock that stands still until a test moves it. */
export interface SetClock {
  now(): Date;
  set(time: string): void;
  /** Moves on by this many seconds. */
  advance(seconds: number): void;
}

/** A clock that stands at `time`, an RFC 3339 time. */
export const setClock = (time: string): SetClock => {
  let present = Date.parse(time);
  return {
    now: () => new Date(present),
    set: (other) => {
      present = Date.parse(other);
    },
    advance: (seconds) => {
      present += seconds * 1000;
    },
  };
};
