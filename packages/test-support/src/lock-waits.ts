import { setTimeout as delay } from 'node:timers/promises';

/** The part of a session of a MariaDB catalog that is used here. */
export interface RawSession {
  readonly knex: { raw(sql: string): PromiseLike<unknown> };
}

/**
 * Resolves when a transaction of the server waits for a lock, or when `call` has ended without waiting: then what it
 * should have waited for did not hold it up, and the test sees its outcome.
 */
export const waitForLockWait = async ({ knex }: RawSession, call: Promise<unknown>): Promise<void> => {
  let hasEnded = false;
  const ended = call.finally(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined);
  while (!hasEnded) {
    const waiting = await knex.raw("select trx_id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'");
    if (Array.isArray(waiting) && waiting.length > 0) return;
    // InnoDB answers from a copy that it renews only after 100 ms in which nobody asked.
    await delay(150);
  }
};
