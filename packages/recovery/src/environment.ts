import { readCatalogEnvironment, type CatalogEnvironment } from '@enterprise-backup/schema/catalog-environment';

/** What the function reads from its environment. */
export interface FunctionEnvironment {
  readonly catalog: CatalogEnvironment;
}

/** Reads the function's environment. Throws ENVIRONMENT_INVALID that names every variable that is missing or wrong. */
export function readEnvironment(): FunctionEnvironment {
  return { catalog: readCatalogEnvironment(process.env) };
}
