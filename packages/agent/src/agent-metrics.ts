import { Metrics } from '@aws-lambda-powertools/metrics';
import { metricsNamespace } from '@enterprise-backup/contracts/names';

/** What agents count. `AgentAlive` is 1 for each minute in which the orchestrator answered this agent. */
export type AgentMetric = 'AgentAlive' | 'SettingsRejected' | 'TasksGivenBack';

/** Counts one of a metric. */
export type CountMetric = (metric: AgentMetric) => void;

/**
 * Writes each count at once as a line of CloudWatch's embedded metric format, under the dimension `service`. CloudWatch
 * makes metrics of such lines in any log group.
 */
export function agentMetrics(serviceName: string, write: (line: string) => void): CountMetric {
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName });
  return (metric) => {
    metrics.addMetric(metric, 'Count', 1);
    write(`${JSON.stringify(metrics.serializeMetrics())}\n`);
    metrics.clearMetrics();
  };
}
