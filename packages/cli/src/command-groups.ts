import type { CommandGroup } from './command-group.ts';
import { repositoryGroup } from './repository-group.ts';

/** All commands, in the order in which the help lists them. */
export const commandGroups: readonly CommandGroup[] = [
  { heading: 'See:', names: ['status'], load: async () => (await import('./commands/status.ts')).addStatus },
  {
    heading: 'See:',
    names: ['points', 'hold', 'release'],
    load: async () => (await import('./commands/points.ts')).addPoints,
  },
  { heading: 'See:', names: ['jobs', 'job'], load: async () => (await import('./commands/jobs.ts')).addJobs },
  {
    heading: 'See:',
    names: ['recoveries', 'recovery', 'cancel'],
    load: async () => (await import('./commands/recoveries.ts')).addRecoveries,
  },
  { heading: 'Act:', names: ['run'], load: async () => (await import('./commands/run.ts')).addRun },
  { heading: 'Act:', names: ['recover'], load: async () => (await import('./commands/recover.ts')).addRecover },
  { heading: 'Act:', names: ['verify'], load: async () => (await import('./commands/verify.ts')).addVerify },
  { heading: 'Set up:', names: ['sources'], load: async () => (await import('./commands/sources.ts')).addSources },
  { heading: 'Set up:', names: ['targets'], load: async () => (await import('./commands/targets.ts')).addTargets },
  {
    heading: 'Set up:',
    names: ['schedules'],
    load: async () => (await import('./commands/schedules.ts')).addSchedules,
  },
  {
    heading: 'Set up:',
    names: ['retention'],
    load: async () => (await import('./commands/retention.ts')).addRetention,
  },
  { heading: 'In AWS:', names: ['deploy'], load: async () => (await import('./commands/deploy.ts')).addDeploy },
  { heading: 'In AWS:', names: ['publish'], load: async () => (await import('./commands/publish.ts')).addPublish },
  { heading: 'On this machine:', names: ['start'], load: async () => (await import('./commands/start.ts')).addStart },
  repositoryGroup,
];
