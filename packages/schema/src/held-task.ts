import type { TaskStatus } from '@enterprise-backup/contracts/catalog';

/** Who holds a task: each write of a holder names all of it. */
export interface HeldTask {
  readonly id: number;
  readonly lease_owner: string;
  readonly lease_generation: number;
}

/**
 * The condition of every write about a task that an agent holds. A write that changes no row found the task ended,
 * returned, or in the hands of a later generation. That the lease has expired is no part of it: while nobody else has
 * taken the task, the holder's work is the only one and is not thrown away.
 */
export const heldBy = (held: HeldTask): HeldTask & { readonly status: TaskStatus } => ({
  id: held.id,
  lease_owner: held.lease_owner,
  lease_generation: held.lease_generation,
  status: 'running',
});
