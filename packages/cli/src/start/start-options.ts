/** What a person may say to `start`. Paths as they were typed. */
export interface StartOptions {
  readonly source?: string;
  readonly target?: string;
  readonly data?: string;
  readonly port?: number;
  readonly once?: boolean;
}
