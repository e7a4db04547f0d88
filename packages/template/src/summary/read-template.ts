import { readTemplateYaml } from './read-template-yaml.ts';

/** A resource of a template as it is read. */
export interface ReadResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The parts of a template that a summary looks at. */
export interface ReadTemplate {
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, ReadResource>>;
}

/** Reads a template that this generator wrote; null, a file that is not there, is a template without anything. */
export const readTemplate = (text: string | null): ReadTemplate => ({
  Parameters: {},
  Conditions: {},
  Resources: {},
  ...(text === null ? {} : (readTemplateYaml(text) as Partial<ReadTemplate>)),
});
