import { toTemplate } from '../src/assemble.ts';
import { templateDefinitions } from '../src/template-files.ts';

/** A resource of a template as JSON. */
export interface PlainResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A template as JSON, with the long forms of all functions. */
export interface PlainTemplate {
  readonly Parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, PlainResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Description?: string; readonly Value: unknown }>>;
}

/** Every template by its file's name. */
export const plainTemplates: Readonly<Record<string, PlainTemplate>> = Object.fromEntries(
  Object.entries(templateDefinitions).map(([name, definition]) => [
    name,
    JSON.parse(JSON.stringify(toTemplate(definition))) as PlainTemplate,
  ]),
);

/** The template of a file that exists. */
export const plainTemplate = (name: string): PlainTemplate => {
  const template = plainTemplates[name];
  if (template === undefined) throw new Error(`there is no template ${name}`);
  return template;
};

/** Visits every value inside `value`, itself first, with its path. */
export const visit = (value: unknown, see: (value: unknown, path: string) => void, path = ''): void => {
  see(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) visit(item, see, `${path}/${key}`);
};

/** A list of one or of many as a list. */
export const toList = (value: unknown): unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
