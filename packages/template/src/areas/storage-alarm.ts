import { CloudWatch } from 'cloudform';
import type { Area } from '../area.ts';
import { ref } from '../intrinsics.ts';

/** Storage types in which the bucket's objects can lie; CloudWatch counts each by itself. */
const storageTypes = {
  standard: 'StandardStorage',
  frequent: 'IntelligentTieringFAStorage',
  infrequent: 'IntelligentTieringIAStorage',
  archive: 'IntelligentTieringAIAStorage',
};

const day = 86_400;

/** The alarm on the size of the bucket, which CloudWatch measures once a day. */
export const storageAlarm: Area = {
  why: 'Storage: a bill that grows is noticed here first.',
  resources: {
    StorageLarge: new CloudWatch.Alarm({
      AlarmDescription:
        'The bucket holds more than StorageAlarmGiB. See with backupctl points what is kept for how long, then shorten retention or raise the figure.',
      Metrics: [
        ...Object.entries(storageTypes).map(([Id, type]) => ({
          Id,
          ReturnData: false,
          MetricStat: {
            Stat: 'Average',
            Period: day,
            Metric: {
              Namespace: 'AWS/S3',
              MetricName: 'BucketSizeBytes',
              Dimensions: [
                { Name: 'BucketName', Value: ref('BackupBucket') },
                { Name: 'StorageType', Value: type },
              ],
            },
          },
        })),
        {
          Id: 'total',
          Label: 'GiB stored',
          Expression: `(${Object.keys(storageTypes)
            .map((id) => `FILL(${id}, 0)`)
            .join(' + ')}) / ${1024 ** 3}`,
        },
      ],
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: ref('StorageAlarmGiB'),
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('AlertsTopicArn')],
      OKActions: [ref('AlertsTopicArn')],
    }),
  },
};
