import type { TaskSpecification } from '@enterprise-backup/contracts/tasks';
import type { CatalogSession } from '../catalog.ts';

/** A claim: who takes the task from which generation, and until when. */
export interface Claim {
  readonly id: number;
  readonly lease_owner: string;
  /** The generation that the task had while it waited; the claim makes the next one. */
  readonly lease_generation: number;
  /** How many attempts have counted so far. */
  readonly attempts: number;
  readonly lease_expires_at: Date;
  readonly specification: TaskSpecification;
  readonly now: Date;
}

/** Gives a waiting task to an agent and begins an attempt. Returns false when another claim was faster. */
export const claimTask = async ({ knex }: CatalogSession, claim: Claim): Promise<boolean> =>
  (await knex('tasks')
    .where({ id: claim.id, status: 'pending', lease_generation: claim.lease_generation })
    .update({
      status: 'running',
      lease_owner: claim.lease_owner,
      lease_generation: claim.lease_generation + 1,
      lease_expires_at: claim.lease_expires_at,
      specification: claim.specification,
      attempts: claim.attempts + 1,
      progress: null,
      progress_since: claim.now,
    })) === 1;
