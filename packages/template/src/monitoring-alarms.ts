import { CloudWatch } from 'cloudform';
import { agentServiceName, functionNames, metricsNamespace } from '@enterprise-backup/contracts/names';
import { ref, sub } from './intrinsics.ts';

type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average';
type AlarmProperties = ConstructorParameters<typeof CloudWatch.Alarm>[0];

/** When an alarm rings, and what a person does then. */
export interface AlarmChoice {
  /** What happened and what to do, in two sentences. */
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly statistic: Statistic;
  readonly comparison: 'above' | 'below';
  readonly threshold: unknown;
  /** Seconds of one period. Default 300. */
  readonly period?: number;
  /** Periods in a row. Default 1. */
  readonly periods?: number;
  /** What silence means. Default: nothing is wrong. */
  readonly silence?: 'breaching' | 'notBreaching';
  readonly condition?: string;
}

/** An alarm that tells the topic when it rings and when it is over. */
export const alarm = (choice: AlarmChoice): CloudWatch.Alarm => {
  const { condition } = choice;
  const made = new CloudWatch.Alarm({
    AlarmDescription: choice.description,
    Namespace: choice.namespace,
    MetricName: choice.metric,
    Dimensions: Object.entries(choice.dimensions).map(([Name, Value]) => ({ Name, Value: Value as string })),
    Statistic: choice.statistic,
    ComparisonOperator: choice.comparison === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    Threshold: choice.threshold as number,
    ...evaluation(choice),
  });
  return condition === undefined ? made : made.condition(condition);
};

/** Names under which the platform's own parts emit their figures. */
export const emitterNames = {
  ...functionNames('${PlatformStack}'),
  agents: agentServiceName('${PlatformStack}'),
};

/** An alarm on a figure of the platform's own, which a function or the agents emit. */
export const platformAlarm = (
  emitter: keyof typeof emitterNames,
  choice: Omit<AlarmChoice, 'namespace' | 'dimensions'>,
): CloudWatch.Alarm =>
  alarm({
    ...choice,
    namespace: metricsNamespace,
    dimensions: { service: sub(emitterNames[emitter]) },
  });

const evaluation = ({
  period = 300,
  periods = 1,
  silence = 'notBreaching',
}: AlarmChoice): Partial<AlarmProperties> & {
  EvaluationPeriods: number;
} => ({
  Period: period,
  EvaluationPeriods: periods,
  TreatMissingData: silence,
  AlarmActions: [ref('AlertsTopicArn')],
  OKActions: [ref('AlertsTopicArn')],
});
