/** A repeated call that can be ended. */
export interface TickTimer {
  stop(): void;
}

/** Calls `tick` now and then every `seconds`, as the EventBridge schedule does in AWS. */
export function startTickTimer(seconds: number, tick: () => void): TickTimer {
  tick();
  const timer = setInterval(tick, seconds * 1000);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
