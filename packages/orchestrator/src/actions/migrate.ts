import { migrate as migrateCatalog } from '@enterprise-backup/schema/migrate';
import type { AnswerTo, OrchestratorServices } from '../services.ts';

/** Brings the catalog's tables to this version. Throws MIGRATION_FAILED. */
export async function migrate({ catalog, log }: OrchestratorServices): Promise<AnswerTo<'migrate'>> {
  const { applied, version } = await migrateCatalog(catalog);
  if (applied.length > 0) log.info('catalog migrated', { applied, version });
  return { applied: [...applied], version };
}
