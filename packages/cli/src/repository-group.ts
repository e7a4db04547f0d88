import type { CommandGroup } from './command-group.ts';

/** `backupctl repository`, which needs neither a platform nor a checkout. */
export const repositoryGroup: CommandGroup = {
  heading: 'On this machine:',
  names: ['repository'],
  load: async () => (await import('./commands/repository.ts')).addRepository,
};
