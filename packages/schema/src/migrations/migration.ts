import type { ColumnTypes } from './column-types.ts';

/**
 * One thing that a step makes. On MySQL, where a definition takes effect at once and cannot be rolled back, a step is
 * left out when its thing is there already: that is how a migration that was killed goes on where it stopped.
 */
export type SchemaObject =
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'column'; readonly table: string; readonly column: string }
  | { readonly kind: 'index'; readonly table: string; readonly index: string };

/** One object of the schema and the statements that make it: on MySQL exactly one, because one is atomic there. */
export interface MigrationStep {
  readonly makes: SchemaObject;
  readonly statements: readonly [string, ...string[]];
}

/** One change of the schema. Once released it is never edited: the next change is the next file. */
export interface Migration {
  /** Number and subject, such as `0001_systems`; the order of names is the order of application. */
  readonly name: string;
  /** The steps in order, in the words of the engine that `types` stands for. */
  readonly steps: (types: ColumnTypes) => readonly MigrationStep[];
}
