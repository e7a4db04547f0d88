import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkoutFolder } from '../platform/checkout.ts';

/** What a template says about one of its parameters: "Parameters section structure properties" of CloudFormation. */
export interface DeclaredParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly NoEcho?: boolean;
  readonly Description?: string;
  readonly ConstraintDescription?: string;
}

/** main.yaml, as far as a deployment reads it. */
export interface MainTemplate {
  /** The text as it is sent. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, DeclaredParameter>>;
  readonly resources: Readonly<Record<string, { readonly Type: string; readonly DeletionPolicy?: string }>>;
}

/** Reads the template of the checkout. */
export function readMainTemplate(): MainTemplate {
  const text = readFileSync(join(checkoutFolder, 'templates/main.yaml'), 'utf8');
  // Functions are tags, which the parser does not know and which stand in no place that is read here.
  const { Parameters, Resources } = parse(text, { logLevel: 'silent', version: '1.1' }) as {
    readonly Parameters: MainTemplate['parameters'];
    readonly Resources: MainTemplate['resources'];
  };
  return { text, parameters: Parameters, resources: Resources };
}
