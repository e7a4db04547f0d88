import { CloudWatch } from 'cloudform';
import { functionNames, metricsNamespace } from '@enterprise-backup/contracts/names';
import type { Area } from '../area.ts';
import { ref, sub } from '../intrinsics.ts';
import { emitterNames } from '../monitoring-alarms.ts';

const names = functionNames('${PlatformStack}');

interface Panel {
  readonly title: string;
  readonly view: 'singleValue' | 'timeSeries';
  readonly metrics: readonly (readonly string[])[];
  readonly statistic: string;
  readonly width: number;
}

const platform = (...metrics: readonly string[]): string[][] =>
  metrics.map((metric) => [metricsNamespace, metric, 'service', names.orchestrator]);

const panels: readonly Panel[] = [
  {
    title: 'Are we protected? Sources without a point in their time (0 is good)',
    view: 'singleValue',
    metrics: platform('SourcesOverdue'),
    statistic: 'Maximum',
    width: 12,
  },
  {
    title: 'Backups completed and failed',
    view: 'singleValue',
    metrics: platform('JobsCompleted', 'JobsFailed', 'MissedRuns'),
    statistic: 'Sum',
    width: 12,
  },
  {
    title: 'Recoveries and verifications',
    view: 'timeSeries',
    metrics: platform('RecoveriesCompleted', 'RecoveriesFailed', 'VerificationMismatches'),
    statistic: 'Sum',
    width: 12,
  },
  {
    title: 'Tasks that wait, agents in service',
    view: 'timeSeries',
    metrics: [
      ...platform('TasksWaiting'),
      ['AWS/AutoScaling', 'GroupInServiceInstances', 'AutoScalingGroupName', '${PlatformStack}-backup-agents-asg'],
    ],
    statistic: 'Maximum',
    width: 12,
  },
  {
    title: 'Agents: signs of life, tasks given back, settings refused',
    view: 'timeSeries',
    metrics: ['AgentAlive', 'TasksGivenBack', 'SettingsRejected'].map((metric) => [
      metricsNamespace,
      metric,
      'service',
      emitterNames.agents,
    ]),
    statistic: 'Sum',
    width: 12,
  },
  {
    title: 'Bytes protected, read and stored',
    view: 'timeSeries',
    metrics: platform('BytesProcessed', 'BytesRead', 'BytesStored'),
    statistic: 'Sum',
    width: 12,
  },
  {
    title: 'Functions: errors and throttles',
    view: 'timeSeries',
    metrics: Object.values(names).flatMap((name: string) => [
      ['AWS/Lambda', 'Errors', 'FunctionName', name],
      ['AWS/Lambda', 'Throttles', 'FunctionName', name],
    ]),
    statistic: 'Sum',
    width: 12,
  },
];

const body = {
  widgets: panels.map(({ title, view, metrics, statistic, width }) => ({
    type: 'metric',
    width,
    height: 6,
    properties: { title, view, metrics, stat: statistic, period: 300, region: '${AWS::Region}' },
  })),
};

/** The page that an operator opens first. */
export const dashboard: Area = {
  why: 'Dashboard: its first figure answers "are we protected?"; below it stands why not.',
  resources: {
    Dashboard: new CloudWatch.Dashboard({
      DashboardName: ref('PlatformStack'),
      DashboardBody: sub(JSON.stringify(body)),
    }),
  },
};
