import { Fn } from 'cloudform';
import { functionNames } from '@enterprise-backup/contracts/names';
import type { Area } from '../area.ts';
import { ref, sub } from '../intrinsics.ts';
import { alarm, type AlarmChoice } from '../monitoring-alarms.ts';

const names = functionNames('${PlatformStack}');
const database = { DBInstanceIdentifier: sub('${PlatformStack}-metadata-db') };
const gibibyte = 1024 ** 3;

const functionAlarm = (name: string, metric: 'Errors' | 'Throttles', description: string): ReturnType<typeof alarm> =>
  alarm({
    description,
    namespace: 'AWS/Lambda',
    metric,
    dimensions: { FunctionName: sub(name) },
    statistic: 'Sum',
    comparison: 'above',
    threshold: metric === 'Errors' ? 0 : 10,
    periods: metric === 'Errors' ? 1 : 3,
  });

const databaseAlarm = (
  choice: Pick<AlarmChoice, 'description' | 'metric' | 'comparison' | 'threshold'>,
): ReturnType<typeof alarm> =>
  alarm({ ...choice, namespace: 'AWS/RDS', dimensions: database, statistic: 'Average', periods: 3 });

const throttled =
  'More is asked at a time than FunctionConcurrency allows. Raise it, and the database class with it: each invocation holds up to 4 connections.';

const replication = (metric: string, description: string, threshold: number): ReturnType<typeof alarm> =>
  alarm({
    description,
    namespace: 'AWS/S3',
    metric,
    dimensions: {
      SourceBucket: ref('BackupBucket'),
      DestinationBucket: ref('DRBucket'),
      RuleId: 'everything',
    },
    statistic: 'Maximum',
    comparison: 'above',
    threshold,
    periods: 3,
    condition: 'HasDR',
  });

/** Alarms on the services underneath. */
export const serviceAlarms: Area = {
  why: 'Services: what stands in the way of the next backup or recovery before it fails.',
  conditions: { HasDR: Fn.Not(Fn.Equals(ref('DRBucket'), '')) },
  resources: {
    OrchestratorErrors: functionAlarm(
      names.orchestrator,
      'Errors',
      'The orchestrator failed. Its log tells why under the request id; most often the database does not answer.',
    ),
    OrchestratorThrottles: functionAlarm(names.orchestrator, 'Throttles', throttled),
    RecoveryErrors: functionAlarm(
      names.recovery,
      'Errors',
      'The recovery function failed or refused a request. Its log tells why under the request id.',
    ),
    RecoveryThrottles: functionAlarm(names.recovery, 'Throttles', throttled),
    DeadLetter: alarm({
      description:
        'An event could not be handled and waits in the queue DeadLetters. Read it, mend the cause, and send it again.',
      namespace: 'AWS/SQS',
      metric: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: ref('DeadLetterQueue') },
      statistic: 'Maximum',
      comparison: 'above',
      threshold: 0,
    }),
    AgentsMissing: alarm({
      description:
        'Fewer agents are in service than AgentMinimum. Look at the activity of the Auto Scaling group and the console log of the newest instance.',
      namespace: 'AWS/AutoScaling',
      metric: 'GroupInServiceInstances',
      dimensions: { AutoScalingGroupName: sub('${PlatformStack}-backup-agents-asg') },
      statistic: 'Minimum',
      comparison: 'below',
      threshold: ref('AgentMinimum'),
      periods: 3,
      silence: 'breaching',
    }),
    DatabaseBusy: databaseAlarm({
      description:
        'The database computes at its limit. See the slow statements in its log, or take a larger DatabaseClass.',
      metric: 'CPUUtilization',
      comparison: 'above',
      threshold: 85,
    }),
    DatabaseFull: databaseAlarm({
      description: 'Less than 4 GiB of storage is free. It grows up to 1000 GiB by itself: see why it does not.',
      metric: 'FreeStorageSpace',
      comparison: 'below',
      threshold: 4 * gibibyte,
    }),
    DatabaseMemory: databaseAlarm({
      description: 'Less than 256 MiB of memory is free. Take a larger DatabaseClass or lower FunctionConcurrency.',
      metric: 'FreeableMemory',
      comparison: 'below',
      threshold: gibibyte / 4,
    }),
    ReplicationLate: replication(
      'ReplicationLatency',
      'The DR Region is more than 15 minutes behind. A recovery there would miss the newest points: see the health of S3 in both Regions.',
      900,
    ),
    ReplicationFailed: replication(
      'OperationsFailedReplication',
      'Objects were not replicated. Check the role ReplicationRole and the key in the DR Region, then replicate again with S3 Batch Operations.',
      0,
    ),
  },
};
