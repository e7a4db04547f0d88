import { listTargetSystems } from '@enterprise-backup/schema/statements/list-target-systems';
import type { AnswerTo, OrchestratorServices } from '../services.ts';

/** Every target system, by name. */
export async function listTargets({ catalog }: OrchestratorServices): Promise<AnswerTo<'list_targets'>> {
  const rows = await listTargetSystems(catalog);
  return { targets: rows.map(({ target_system, settings, created_at }) => ({ target_system, settings, created_at })) };
}
