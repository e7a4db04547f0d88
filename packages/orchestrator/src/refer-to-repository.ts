import { PlatformError } from '@enterprise-backup/contracts/errors';
import { toRepositoryId } from '@enterprise-backup/contracts/ids';
import type { RepositoryReference } from '@enterprise-backup/contracts/systems';
import type { CatalogSession } from '@enterprise-backup/schema/catalog';
import { findRepository } from '@enterprise-backup/schema/statements/find-repository';

/** Where the repository lies and what opens it, as the catalog has it now. Throws REPOSITORY_UNKNOWN. */
export async function referToRepository(session: CatalogSession, id: number): Promise<RepositoryReference> {
  const repository = await findRepository(session, id);
  if (repository === undefined) {
    throw new PlatformError('REPOSITORY_UNKNOWN', `the repository ${toRepositoryId(id)} is not registered`);
  }
  const { location, password_secret } = repository;
  return { repository_id: toRepositoryId(id), location, password_secret };
}
