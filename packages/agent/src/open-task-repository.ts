import type { RepositoryReference } from '@enterprise-backup/contracts/systems';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { openStorageLazily } from '@enterprise-backup/repository/open-storage-lazily';
import { openRepository } from '@enterprise-backup/repository/open-repository';
import type { Repository } from '@enterprise-backup/repository/repository';
import type { Storage } from '@enterprise-backup/repository/storage';
import { pause } from './pause.ts';
import type { TaskContext } from './task-context.ts';

/** Begins with what is needed once the repository is open, as `openRepository` has it. */
type Prepare = (storage: Storage) => Promise<void>;

/**
 * Opens the repository of a task with its secret; `prepare` is called while the key is derived. Throws SECRET_MISSING,
 * SECRET_EXPOSED and what the engine throws.
 */
export async function openTaskRepository(
  reference: RepositoryReference,
  context: TaskContext,
  prepare?: Prepare,
): Promise<Repository> {
  context.onProgress({ phase: 'opening', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
  const password = await context.secrets.read(reference.password_secret);
  const options = prepare === undefined ? {} : { whileDeriving: prepare };
  return openRepository(await openTaskStorage(reference, context), password, context.clock, options);
}

function openTaskStorage({ location }: RepositoryReference, { limits }: TaskContext): Promise<Storage> {
  return openStorageLazily({ location, ...(limits === null ? {} : { limits }) });
}

/**
 * Opens the repository of a backup, or makes it when it is missing and was never used. A repository that has held a
 * point and is missing now stays an error: a new, empty one in its place would hide the loss.
 */
export async function openOrInitRepository(
  reference: RepositoryReference,
  hasPoints: boolean,
  context: TaskContext,
  prepare: Prepare,
): Promise<Repository> {
  try {
    return await openTaskRepository(reference, context, prepare);
  } catch (error) {
    if (hasPoints || !hasCode(error, 'REPOSITORY_NOT_FOUND')) throw error;
  }
  const password = await context.secrets.read(reference.password_secret);
  const { initRepository } = await import('@enterprise-backup/repository/repository');
  try {
    const repository = await initRepository(await openTaskStorage(reference, context), password, context.clock);
    context.log.info('made the repository', { location: repository.storage.location, repository: repository.id });
    return repository;
  } catch (error) {
    if (!hasCode(error, 'REPOSITORY_EXISTS')) throw error;
    return openOthersNewRepository(reference, context);
  }
}

/** Two first backups at a time both find the repository missing: the second one waits for what the first one makes. */
async function openOthersNewRepository(reference: RepositoryReference, context: TaskContext): Promise<Repository> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await openTaskRepository(reference, context);
    } catch (error) {
      if (tries === 10 || !hasCode(error, 'REPOSITORY_NOT_FOUND')) throw error;
    }
    await pause(500, context.signal);
    context.signal.throwIfAborted();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof PlatformError && error.code === code;
}
