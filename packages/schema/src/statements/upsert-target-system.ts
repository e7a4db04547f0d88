import type { TargetSettings } from '@enterprise-backup/contracts/systems';
import type { CatalogSession } from '../catalog.ts';

/** Makes a target system, or gives the one with this name these settings. */
export const upsertTargetSystem = async (
  { knex }: CatalogSession,
  target: {
    readonly target_system: string;
    readonly kind: string;
    readonly settings: TargetSettings;
    readonly created_at: Date;
    readonly updated_at: Date;
  },
): Promise<void> => {
  await knex('target_systems').insert(target).onConflict('target_system').merge(['kind', 'settings', 'updated_at']);
};
