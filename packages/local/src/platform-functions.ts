import { join } from 'node:path';
import type { Clock } from '@enterprise-backup/contracts/clock';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import type { FunctionNames } from '@enterprise-backup/contracts/names';
import { createOrchestrator } from '@enterprise-backup/orchestrator/create-orchestrator';
import { createRecovery } from '@enterprise-backup/recovery/create-recovery';
import type { Catalog } from '@enterprise-backup/schema/catalog';
import type { DataFolder } from './data-folder.ts';
import { LocalFunction } from './endpoint/local-function.ts';
import { functionOutput, type FunctionOutput } from './function-output.ts';
import { LogFile } from './log-file.ts';

/** The very functions that AWS calls, with the catalog of the data folder. */
export function offerFunctions(
  names: FunctionNames,
  folder: DataFolder,
  catalog: Catalog,
  clock: Clock,
): Record<keyof FunctionNames, LocalFunction> {
  const output = (service: string, name: string): FunctionOutput =>
    functionOutput(service, new LogFile(join(folder.logs, `${name}.log`)));
  const offer = (name: string, handler: FunctionHandler): LocalFunction =>
    new LocalFunction({ name, handler, monotonic: () => performance.now() });
  const orchestrator = createOrchestrator({ catalog, clock, ...output('orchestrator', names.orchestrator) });
  const recovery = createRecovery({ catalog, clock, ...output('recovery', names.recovery) });
  return { orchestrator: offer(names.orchestrator, orchestrator), recovery: offer(names.recovery, recovery) };
}
