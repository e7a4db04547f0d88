import type { Area } from '../area.ts';
import { platformAlarm } from '../monitoring-alarms.ts';

/** Alarms on what the platform says of itself. */
export const platformAlarms: Area = {
  why: 'Protection: the first alarm counts silence as failure, so that it rings when the scheduler itself is dead.',
  resources: {
    SourceOverdue: platformAlarm('orchestrator', {
      description:
        'A source has no new recovery point in its time, or the scheduler is silent. Run backupctl status, then look in the log of the orchestrator.',
      metric: 'SourcesOverdue',
      statistic: 'Maximum',
      comparison: 'above',
      threshold: 0,
      periods: 3,
      silence: 'breaching',
    }),
    RunMissed: platformAlarm('orchestrator', {
      description:
        'A schedule missed its due time, since no tick came then. Check the rule Tick and the errors and throttles of the orchestrator.',
      metric: 'MissedRuns',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 0,
    }),
    JobFailed: platformAlarm('orchestrator', {
      description:
        'A backup failed after all attempts. Run backupctl jobs --status failed: each has its error and a hint.',
      metric: 'JobsFailed',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 0,
    }),
    RecoveryFailed: platformAlarm('orchestrator', {
      description:
        'A recovery failed. Run backupctl recoveries: the failed one has its error and a hint; the target is as it was.',
      metric: 'RecoveriesFailed',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 0,
    }),
    VerificationFailed: platformAlarm('orchestrator', {
      description:
        'What a recovery wrote differs from its point. Run backupctl check on the repository before the next recovery.',
      metric: 'VerificationMismatches',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 0,
    }),
    TaskReturned: platformAlarm('orchestrator', {
      description:
        'Agents lose tasks again and again: leases ended without an answer. Look in the log of the agents for what ends them.',
      metric: 'TasksReturned',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 10,
      period: 3600,
    }),
    AgentsSilent: platformAlarm('agents', {
      description:
        'No agent has heard from the orchestrator for 15 minutes. Look in the log of the agents, then at the orchestrator and the way to it.',
      metric: 'AgentAlive',
      statistic: 'Sum',
      comparison: 'below',
      threshold: 1,
      periods: 3,
      silence: 'breaching',
    }),
    SettingsRejected: platformAlarm('agents', {
      description:
        "The agents' settings are wrong and those before stay in force. The log of the agents names the field: correct the parameter.",
      metric: 'SettingsRejected',
      statistic: 'Sum',
      comparison: 'above',
      threshold: 0,
    }),
    TaskWaiting: platformAlarm('orchestrator', {
      description:
        'A task waits for two hours for nothing but an agent. Raise AgentMaximum, or see why agents do not come up.',
      metric: 'OldestTaskWait',
      statistic: 'Minimum',
      comparison: 'above',
      threshold: 3600,
      period: 300,
      periods: 12,
    }),
  },
};
