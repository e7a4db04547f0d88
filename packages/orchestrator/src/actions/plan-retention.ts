import { decideStoredPoints } from '../retention/decide-stored-points.ts';
import { requireSource } from '../require-source.ts';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';

/** What retention would remove now, and why each point stays or goes. Changes nothing. Throws SOURCE_UNKNOWN. */
export async function planRetention(
  { catalog, clock }: OrchestratorServices,
  { source_system }: RequestFor<'plan_retention'>,
): Promise<AnswerTo<'plan_retention'>> {
  const now = clock.now();
  if (source_system !== undefined) await requireSource(catalog, source_system);
  const decisions = await decideStoredPoints(catalog, source_system === undefined ? undefined : [source_system], now);
  return { plan: { planned_at: now.toISOString(), source_system: source_system ?? null, decisions } };
}
