import { listPoints as listRows } from '@enterprise-backup/schema/statements/list-points';
import type { AnswerTo, OrchestratorServices, RequestFor } from '../services.ts';
import { viewPoint } from '../views/point-view.ts';

/** The newest recovery points, of one source if asked for. Points that retention has removed are not among them. */
export async function listPoints(
  { catalog }: OrchestratorServices,
  { source_system, limit }: RequestFor<'list_points'>,
): Promise<AnswerTo<'list_points'>> {
  const points = await listRows(catalog, { limit, ...(source_system === undefined ? {} : { source_system }) });
  return { points: points.map(viewPoint) };
}
