/** A completed recovery of the past: what it wrote and verified, and how long it took from its start. */
export interface PastRecovery {
  readonly bytes: number;
  readonly files: number;
  readonly seconds: number;
}

/** How much a recovery has to bring back. */
export interface RecoverySize {
  readonly bytes: number;
  readonly files: number;
}

/**
 * The weight of one file in bytes: making, naming and checking a small file takes about as long as this much content.
 * Measured orders of magnitude: thousands of small files and hundreds of megabytes a second on one machine.
 */
const bytesPerFile = 65_536;

/**
 * Seconds that a recovery of this size is expected to take, rounded up: at the mean rate of the given earlier recoveries.
 * Null when there is none to learn from.
 */
export function expectedRecoverySeconds(size: RecoverySize, history: readonly PastRecovery[]): number | null {
  const seconds = history.reduce((sum, past) => sum + past.seconds, 0);
  const done = history.reduce((sum, past) => sum + workOf(past), 0);
  if (done === 0 || seconds <= 0) return null;
  return Math.ceil((workOf(size) / done) * seconds);
}

function workOf(size: RecoverySize): number {
  return size.bytes + size.files * bytesPerFile;
}
