import { readCatalogEnvironment, type CatalogEnvironment } from '@enterprise-backup/schema/catalog-environment';

/** What the function reads from its environment. */
export interface FunctionEnvironment {
  readonly catalog: CatalogEnvironment;
  /** Tells the metrics and log entries of this function from those of another stack's. */
  readonly serviceName: string;
  /** Address that stands in for all of AWS, as every AWS SDK reads it; null in AWS itself. */
  readonly endpointUrl: string | null;
}

/** Reads the function's environment. Throws ENVIRONMENT_INVALID that names every variable that is missing or wrong. */
export function readEnvironment(): FunctionEnvironment {
  return {
    catalog: readCatalogEnvironment(process.env),
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'orchestrator',
    endpointUrl: process.env['AWS_ENDPOINT_URL'] ?? null,
  };
}
