/** What `backupctl` takes from the environment. Everything else comes from its options. */
export interface Environment {
  /** Whether an error is shown with its stack and causes (BACKUPCTL_DEBUG is set and not empty). */
  readonly debug: boolean;
}

/** Reads the environment of the process; the only place of this package that does. */
export function readEnvironment(): Environment {
  return { debug: (process.env['BACKUPCTL_DEBUG'] ?? '') !== '' };
}
