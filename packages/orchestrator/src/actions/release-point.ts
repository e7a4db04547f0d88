import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { setHold } from '../set-hold.ts';

/** Releases a point; one that is not held stays so. Throws BACKUP_NOT_FOUND. */
export async function releasePoint(
  { catalog, log }: OrchestratorServices,
  { backup_id }: RequestFor<'release_point'>,
): Promise<AnswerTo<'release_point'>> {
  const point = await setHold(catalog, backup_id, null);
  log.info('point released', { backup_id });
  return { point };
}
