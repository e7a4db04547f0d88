import { systems } from './0001-systems.ts';
import { jobs } from './0002-jobs.ts';
import { tasks } from './0003-tasks.ts';
import { agents } from './0004-agents.ts';
import type { Migration } from './migration.ts';

/** Every migration in the order of application. A list and no folder that is read: a bundle has no folder. */
export const allMigrations: readonly Migration[] = [systems, jobs, tasks, agents];
