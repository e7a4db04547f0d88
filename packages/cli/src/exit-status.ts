import type { ErrorKind } from '@enterprise-backup/contracts/error-registry';

/** One line of the table of exit statuses. */
export interface ExitStatus {
  readonly status: number;
  readonly kinds: readonly ErrorKind[];
  readonly meaning: string;
}

/** Every exit status of `backupctl`, for --help and the reference. Scripts depend on the numbers. */
export const exitStatuses: readonly ExitStatus[] = [
  { status: 0, kinds: [], meaning: 'fine' },
  { status: 1, kinds: ['internal'], meaning: 'the platform itself is at fault' },
  { status: 2, kinds: ['input'], meaning: 'the request or the command line is wrong' },
  { status: 3, kinds: ['not_found'], meaning: 'it names something that is not there' },
  { status: 4, kinds: ['damage'], meaning: 'stored or recovered data is wrong, or a check has findings' },
  { status: 5, kinds: ['conflict'], meaning: 'the present state forbids it' },
  { status: 6, kinds: ['unavailable'], meaning: 'the platform or the storage does not answer; try again later' },
  { status: 7, kinds: ['access'], meaning: 'a password, secret or permission is missing or wrong' },
  { status: 8, kinds: ['source', 'target', 'storage'], meaning: 'the source, the target or the storage is at fault' },
];

/** Statuses after a signal, as shells expect them: 128 and the number of the signal. */
export const interruptStatuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type InterruptSignal = keyof typeof interruptStatuses;

/** The exit status of an error of this kind. */
export function exitStatusOf(kind: ErrorKind): number {
  return exitStatuses.find(({ kinds }) => kinds.includes(kind))?.status ?? 1;
}
