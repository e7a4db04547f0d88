/** Where passwords are kept. Each adapter says how a secret is named; a name comes from the catalog, not from a request. */
export interface Secrets {
  /**
   * The value of the secret called `name`, without a line feed at its end. It is read anew each time, so that a changed
   * secret is used by the next task. Throws SECRET_MISSING, SECRET_EXPOSED; no message holds a value.
   */
  read(name: string): Promise<string>;
}
