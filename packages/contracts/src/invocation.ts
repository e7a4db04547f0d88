/** What the runtime hands to a handler beside the event: the part of Lambda's context that the platform uses. */
export interface InvocationContext {
  /** Id of the invocation. The runtime repeats an Event invocation that failed under the same id. */
  readonly awsRequestId: string;
}

/** A function of the platform, as Lambda and the local platform call it. Rejects with a PlatformError. */
export type FunctionHandler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/** Where a function writes structured log entries. Powertools' Logger is one. */
export interface FunctionLog {
  debug(message: string, attributes: Readonly<Record<string, unknown>>): void;
  info(message: string, attributes: Readonly<Record<string, unknown>>): void;
  warn(message: string, attributes: Readonly<Record<string, unknown>>): void;
  error(message: string, attributes: Readonly<Record<string, unknown>>): void;
}

/** Units of the platform's metrics, as CloudWatch names them. */
export type MetricUnit = 'Bytes' | 'Count' | 'Seconds';

/** Where a function counts what it did: metrics are collected during an invocation and published at its end. Powertools' Metrics is one. */
export interface FunctionMetrics {
  addMetric(name: string, unit: MetricUnit, value: number): unknown;
  hasStoredMetrics(): boolean;
  publishStoredMetrics(): unknown;
}
