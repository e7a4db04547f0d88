import type { CatalogSession } from '../catalog.ts';
import type { StoredTime } from '../rows.ts';
import { claimableTasks } from './claimable-tasks.ts';

/** Tasks that an agent could take now. */
export interface Backlog {
  readonly tasks: number;
  /** Since when the oldest of them may be taken; null when there is none. */
  readonly since: StoredTime | null;
}

/** How much work waits for an agent and for nothing else. */
export const measureBacklog = async (session: CatalogSession, now: Date): Promise<Backlog> => {
  const counted = await claimableTasks(session, now).count<{ readonly tasks: number | string }[]>({
    tasks: 'task.id',
  });
  const oldest = await claimableTasks(session, now)
    .orderBy('task.not_before')
    .first<{ readonly not_before: StoredTime } | undefined>('task.not_before');
  return { tasks: Number(counted[0]?.tasks ?? 0), since: oldest?.not_before ?? null };
};
