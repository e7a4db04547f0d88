import { findRepositoryByLocation } from '@enterprise-backup/schema/statements/find-repository-by-location';
import { upsertRepository } from '@enterprise-backup/schema/statements/upsert-repository';
import { upsertSourceSystem } from '@enterprise-backup/schema/statements/upsert-source-system';
import { transaction } from '@enterprise-backup/schema/transaction';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { requireSource } from '../require-source.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { viewSource } from '../views/source-view.ts';

/**
 * Makes a source system or changes the one with this name. Another repository than before leaves the points of the old
 * one as they are: they can be recovered, and the next backup reads everything.
 */
export async function registerSource(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'register_source'>,
): Promise<AnswerTo<'register_source'>> {
  const { source_system, settings, repository } = request;
  const now = clock.now();
  const row = await transaction(catalog, async (session) => {
    await upsertRepository(session, { ...repository, created_at: now });
    const known = await findRepositoryByLocation(session, repository.location);
    if (known === undefined) throw new PlatformError('INTERNAL', 'a repository that was just registered is not there');
    await upsertSourceSystem(session, {
      source_system,
      kind: settings.kind,
      settings,
      repository_id: known.id,
      created_at: now,
      updated_at: now,
    });
    return requireSource(session, source_system);
  });
  log.info('source registered', { source_system });
  return { source: viewSource(row) };
}
