import { toRepositoryId } from '@enterprise-backup/contracts/ids';
import type { SourceSystem } from '@enterprise-backup/contracts/systems';
import type { SourceSystemRow } from '@enterprise-backup/schema/rows';

/** A source system as a person sees it. */
export function viewSource(source: SourceSystemRow): SourceSystem {
  return {
    source_system: source.source_system,
    settings: source.settings,
    repository_id: toRepositoryId(source.repository_id),
    created_at: source.created_at,
  };
}
