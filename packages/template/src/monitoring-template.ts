import type { TemplateDefinition } from './area.ts';
import { dashboard } from './areas/dashboard.ts';
import { platformAlarms } from './areas/platform-alarms.ts';
import { serviceAlarms } from './areas/service-alarms.ts';
import { storageAlarm } from './areas/storage-alarm.ts';

/** `templates/monitoring.yaml`: what main.yaml starts as a nested stack. */
export const monitoringTemplate: TemplateDefinition = {
  description: 'Enterprise backup and disaster recovery: alarms and dashboard. main.yaml starts it as a nested stack.',
  parameterGroups: [
    {
      label: 'What is watched',
      parameters: {
        PlatformStack: {
          label: 'Stack',
          parameter: { Type: 'String', Description: 'Name of the stack of main.yaml.' },
        },
        AlertsTopicArn: {
          label: 'Topic',
          parameter: { Type: 'String', Description: 'Topic that alarms are sent to.' },
        },
        BackupBucket: { label: 'Bucket', parameter: { Type: 'String', Description: 'Bucket of the repository.' } },
        DRBucket: {
          label: 'Bucket in the DR Region',
          parameter: { Type: 'String', Default: '', Description: 'Bucket that it is replicated to; empty for none.' },
        },
        DeadLetterQueue: {
          label: 'Dead letters',
          parameter: { Type: 'String', Description: 'Name of the queue of events that were not handled.' },
        },
      },
    },
    {
      label: 'Thresholds',
      parameters: {
        AgentMinimum: {
          label: 'Agents',
          parameter: { Type: 'Number', Default: 2, Description: 'Agents that must be in service.' },
        },
        StorageAlarmGiB: {
          label: 'GiB stored',
          parameter: { Type: 'Number', Default: 10240, Description: 'GiB stored that raise an alarm.' },
        },
      },
    },
  ],
  areas: [platformAlarms, serviceAlarms, storageAlarm, dashboard],
};
