import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { setHold } from '../set-hold.ts';

/** Holds a point; a point that is held already gets the new reason. Throws BACKUP_NOT_FOUND. */
export async function holdPoint(
  { catalog, log }: OrchestratorServices,
  { backup_id, reason }: RequestFor<'hold_point'>,
): Promise<AnswerTo<'hold_point'>> {
  const point = await setHold(catalog, backup_id, reason);
  log.info('point held', { backup_id });
  return { point };
}
