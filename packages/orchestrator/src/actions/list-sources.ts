import { listSourceSystems } from '@enterprise-backup/schema/statements/list-source-systems';
import type { AnswerTo, OrchestratorServices } from '../services.ts';
import { viewSource } from '../views/source-view.ts';

/** Every source system, by name. */
export async function listSources({ catalog }: OrchestratorServices): Promise<AnswerTo<'list_sources'>> {
  return { sources: (await listSourceSystems(catalog)).map(viewSource) };
}
