import type { FunctionLog, FunctionMetrics } from '@enterprise-backup/contracts/invocation';
import { createStreamLog } from '@enterprise-backup/orchestrator/stream-log';
import { createStreamMetrics } from '@enterprise-backup/orchestrator/stream-metrics';
import { addToInvocation } from './invocation-output.ts';
import type { LogFile } from './log-file.ts';

/** Log and metrics of one function. */
export interface FunctionOutput {
  readonly log: FunctionLog;
  readonly metrics: FunctionMetrics;
}

/** Writes a function's log entries and metrics to its log file and to the log of the invocation that they belong to. */
export function functionOutput(serviceName: string, file: LogFile): FunctionOutput {
  const write = (line: string): void => {
    file.write(`${line}\n`);
    addToInvocation(`${line}\n`);
  };
  return { log: createStreamLog(serviceName, write), metrics: createStreamMetrics(serviceName, write) };
}
