import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Catalog, CatalogSession } from './catalog.ts';
import { isContention } from './engine/catalog-error.ts';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 20;

/** Up to twice the pause of the attempt before, at random, so that those who collided do not meet again. */
const pauseAfter = (attempt: number): number => Math.ceil(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);

/**
 * Runs `work` in one transaction: what it wrote is there when the promise resolves, and nothing of it when it rejects.
 * The isolation is READ COMMITTED on MySQL (lock rows that a decision depends on with `forUpdate`); on SQLite the
 * transaction is the only one that writes.
 *
 * On a deadlock, a lock that was not given in time, or a busy file, everything is rolled back and the whole of `work`
 * runs again after a pause, up to six times: so it may have no effect but its statements. It must use the session it is
 * given and no other, and end all its statements before it resolves.
 *
 * @throws PlatformError CATALOG_UNAVAILABLE when it stays so, or when the connection is lost. A connection that is lost
 * during the commit leaves unknown whether the work was kept. What `work` throws is rolled back and thrown.
 */
export const transaction = async <Result>(
  catalog: Catalog,
  work: (session: CatalogSession) => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(catalog, work);
    } catch (error) {
      if (!isContention(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new PlatformError('CATALOG_UNAVAILABLE', `the catalog was busy in ${ATTEMPTS} attempts`, {
          cause: error,
        });
      }
      await delay(pauseAfter(attempt));
    }
  }
};

const runOnce = async <Result>(
  catalog: Catalog,
  work: (session: CatalogSession) => Promise<Result>,
): Promise<Result> => {
  let failure: { readonly error: unknown } | undefined;
  const attempted = catalog.knex.transaction(async (knex): Promise<{ readonly value: Result } | undefined> => {
    // Knex calls this also when the transaction could not begin; it rejects with the reason by itself.
    if (knex.isCompleted()) return undefined;
    try {
      return { value: await work({ engine: catalog.engine, knex }) };
    } catch (error) {
      failure = { error };
      throw error;
    }
  });
  try {
    const outcome = await attempted;
    if (outcome !== undefined) return outcome.value;
  } catch (error) {
    // When the connection is lost, knex reports that nothing could be rolled back, and not what failed first.
    throw failure === undefined ? error : failure.error;
  }
  throw new PlatformError('INTERNAL', 'a transaction ended without having begun');
};
