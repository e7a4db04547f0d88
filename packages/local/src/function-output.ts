import { errorFields, jsonLog } from '@enterprise-backup/agent/json-log';
import type { Clock } from '@enterprise-backup/contracts/clock';
import type { FunctionLog, FunctionMetrics, MetricUnit } from '@enterprise-backup/contracts/invocation';
import { addToInvocation } from './invocation-output.ts';
import type { LogFile } from './log-file.ts';

/** Log and metrics of one function on this machine. */
export interface FunctionOutput {
  readonly log: FunctionLog;
  readonly metrics: FunctionMetrics;
}

const metricsNamespace = 'EnterpriseBackup';

/** Writes a function's log entries and metrics to its log file and to the log of the invocation that they belong to. */
export function functionOutput(service: string, file: LogFile, clock: Clock): FunctionOutput {
  const write = (line: string): void => {
    file.write(line);
    addToInvocation(line);
  };
  const log = jsonLog({ clock, write, fields: { service } });
  const withError = ({ error, ...attributes }: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    error === undefined ? attributes : { ...attributes, ...errorFields(error), cause: causeOf(error) };
  return {
    log: {
      info: (message, attributes) => {
        log.info(message, withError(attributes));
      },
      warn: (message, attributes) => {
        log.warn(message, withError(attributes));
      },
      error: (message, attributes) => {
        log.error(message, withError(attributes));
      },
    },
    metrics: new EmbeddedMetrics(service, clock, write),
  };
}

function causeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.cause === undefined) return undefined;
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
}

/**
 * Metrics as lines of the embedded metric format, as in AWS, where CloudWatch reads them from the log:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
 */
class EmbeddedMetrics implements FunctionMetrics {
  readonly #service: string;
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #stored = new Map<string, { readonly unit: MetricUnit; readonly values: number[] }>();

  constructor(service: string, clock: Clock, write: (line: string) => void) {
    this.#service = service;
    this.#clock = clock;
    this.#write = write;
  }

  addMetric(name: string, unit: MetricUnit, value: number): void {
    const metric = this.#stored.get(name) ?? { unit, values: [] };
    metric.values.push(value);
    this.#stored.set(name, metric);
  }

  hasStoredMetrics(): boolean {
    return this.#stored.size > 0;
  }

  publishStoredMetrics(): void {
    const metrics = [...this.#stored];
    this.#stored.clear();
    const definition = {
      Namespace: metricsNamespace,
      Dimensions: [['service']],
      Metrics: metrics.map(([Name, { unit }]) => ({ Name, Unit: unit })),
    };
    const line = {
      _aws: { Timestamp: this.#clock.now().getTime(), CloudWatchMetrics: [definition] },
      service: this.#service,
      ...Object.fromEntries(metrics.map(([name, { values }]) => [name, values.length === 1 ? values[0] : values])),
    };
    this.#write(`${JSON.stringify(line)}\n`);
  }
}
