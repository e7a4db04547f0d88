import type { SourceSettings } from '@enterprise-backup/contracts/systems';
import type { CatalogSession } from '../catalog.ts';

/** Makes a source system, or gives the one with this name these settings and this repository. */
export const upsertSourceSystem = async (
  { knex }: CatalogSession,
  source: {
    readonly source_system: string;
    readonly kind: string;
    readonly settings: SourceSettings;
    readonly repository_id: number;
    readonly created_at: Date;
    readonly updated_at: Date;
  },
): Promise<void> => {
  await knex('source_systems')
    .insert(source)
    .onConflict('source_system')
    .merge(['kind', 'settings', 'repository_id', 'updated_at']);
};
