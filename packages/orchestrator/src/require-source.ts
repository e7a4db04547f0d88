import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import type { SourceSystemRow } from '@enterprise-backup/schema/rows';
import { findSourceSystem } from '@enterprise-backup/schema/statements/find-source-system';

/** The source system of this name. Throws SOURCE_UNKNOWN. */
export async function requireSource(session: CatalogSession, sourceSystem: string): Promise<SourceSystemRow> {
  const source = await findSourceSystem(session, sourceSystem);
  if (source === undefined) throw sourceUnknown(sourceSystem);
  return source;
}

export function sourceUnknown(sourceSystem: string): PlatformError {
  return new PlatformError('SOURCE_UNKNOWN', `the source system ${sourceSystem} is not registered`);
}
