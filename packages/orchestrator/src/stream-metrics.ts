import { Metrics } from '@aws-lambda-powertools/metrics';
import type { FunctionMetrics } from '@enterprise-backup/contracts/invocation';
import { metricsNamespace } from '@enterprise-backup/contracts/names';
import type { WriteLine } from './stream-log.ts';

/** A function's metrics, in CloudWatch's embedded metric format as in Lambda, one line for each publication to `write`. */
export function createStreamMetrics(serviceName: string, write: WriteLine): FunctionMetrics {
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName });
  return {
    addMetric: (name, unit, value) => metrics.addMetric(name, unit, value),
    hasStoredMetrics: () => metrics.hasStoredMetrics(),
    publishStoredMetrics: () => {
      write(JSON.stringify(metrics.serializeMetrics()));
      metrics.clearMetrics();
    },
  };
}
