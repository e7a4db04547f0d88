/** What the benchmark takes from the environment: where programs are looked for. Programs that it runs get nothing else of it. */
export interface Environment {
  readonly path: string;
}

/** Reads the environment of the process; the only place of this package that does. */
export function readEnvironment(): Environment {
  return { path: process.env['PATH'] ?? '' };
}
