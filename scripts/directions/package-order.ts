/**
 * Which packages of the project a package may import, by their short names. The order is that of docs/architecture:
 * contracts below everything, then schema, repository and sources, then the two Lambdas and the agent, then the platform
 * on one machine, then what a person uses. The agent reaches the catalog only through the orchestrator, and the engine
 * knows no SQL, so that neither may import schema. Tests hold to the same order.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  schema: ['contracts'],
  repository: ['contracts'],
  sources: ['contracts', 'repository'],
  orchestrator: ['contracts', 'schema', 'repository', 'sources'],
  recovery: ['contracts', 'schema', 'repository', 'sources'],
  agent: ['contracts', 'repository', 'sources'],
  local: ['contracts', 'schema', 'repository', 'sources', 'orchestrator', 'recovery', 'agent'],
  cli: ['contracts', 'schema', 'repository', 'sources', 'orchestrator', 'recovery', 'agent', 'local'],
  console: ['contracts', 'schema', 'repository', 'sources', 'orchestrator', 'recovery', 'agent', 'local'],
  template: ['contracts'],
  // Runs the others as programs, from outside; `local` gives it a platform to start an agent on.
  benchmarks: ['contracts', 'repository', 'local'],
  'test-support': [],
};

/** The private package that only tests may import. */
export const testOnlyPackage = 'test-support';

/** Packages that speak SQL, and the places of this project whose sources may import them. */
export const sqlPackages: Readonly<Record<string, readonly string[]>> = {
  knex: ['packages/schema/'],
  // The data lock takes a lock of the kernel through SQLite, for want of a call in Node, and keeps no table.
  // The engine's index of files is a disposable cache of its own, which no other part of the project reads.
  'node:sqlite': ['packages/schema/', 'packages/local/src/data-lock.ts', 'packages/repository/src/finder/'],
  // A MySQL server is also something to protect.
  mysql2: ['packages/schema/', 'packages/sources/', 'packages/test-support/'],
};

/** Names that say nothing of what a file or folder holds. */
export const emptyNames = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'misc'];
