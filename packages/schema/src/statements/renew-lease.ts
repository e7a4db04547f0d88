import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { CatalogSession } from '../catalog.ts';
import { heldBy, type HeldTask } from '../held-task.ts';

/** Moves the end of the holder's lease and keeps its progress. Returns false when it holds the task no longer. */
export const renewLease = async (
  { knex }: CatalogSession,
  held: HeldTask,
  renewal: { readonly lease_expires_at: Date; readonly progress: TaskProgress },
): Promise<boolean> =>
  (await knex('tasks')
    .where(heldBy(held))
    .update({ lease_expires_at: renewal.lease_expires_at, progress: renewal.progress })) === 1;
