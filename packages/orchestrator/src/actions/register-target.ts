import { PlatformError } from '@enterprise-backup/contracts/errors';
import { findTargetSystem } from '@enterprise-backup/schema/statements/find-target-system';
import { upsertTargetSystem } from '@enterprise-backup/schema/statements/upsert-target-system';
import { transaction } from '@enterprise-backup/schema/transaction';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/** Makes a target system or changes the one with this name. Recoveries that were started keep the target of then. */
export async function registerTarget(
  { catalog, clock, log }: OrchestratorServices,
  request: RequestFor<'register_target'>,
): Promise<AnswerTo<'register_target'>> {
  const { target_system, settings } = request;
  const now = clock.now();
  const row = await transaction(catalog, async (session) => {
    await upsertTargetSystem(session, {
      target_system,
      kind: settings.kind,
      settings,
      created_at: now,
      updated_at: now,
    });
    return findTargetSystem(session, target_system);
  });
  if (row === undefined) throw new PlatformError('INTERNAL', 'a target that was just registered is not there');
  log.info('target registered', { target_system });
  return { target: { target_system, settings: row.settings, created_at: row.created_at } };
}
