import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { systemClock } from '@enterprise-backup/contracts/clock';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { createLazyFunction } from '@enterprise-backup/contracts/lazy-function';
import { metricsNamespace } from '@enterprise-backup/contracts/names';
import { readCatalogSettings } from '@enterprise-backup/schema/catalog-environment';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import { createRecovery } from './create-recovery.ts';
import { readEnvironment } from './environment.ts';

// First of all, so that a wrong environment fails when the function is loaded and not at some later call.
const environment = readEnvironment();

const { serviceName } = environment;
const log = new Logger({ serviceName });
const metrics = new Metrics({ namespace: metricsNamespace, serviceName });

/** The Lambda function `<stack>-recovery-service`. Its connection to the catalog outlives the invocation. */
export const handler: FunctionHandler = createLazyFunction(async () => {
  const catalog = await connectCatalog(await readCatalogSettings(environment.catalog));
  return createRecovery({ catalog, clock: systemClock, log, metrics });
}, log);
