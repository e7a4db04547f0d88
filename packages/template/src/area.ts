import type { Template } from 'cloudform';

type Section<Name extends 'Parameters' | 'Conditions' | 'Resources' | 'Outputs'> = NonNullable<Template[Name]>;

/** One area of a template. The order of its entries is the order in the file. */
export interface Area {
  /** One sentence above the area's first resource that says why it is built this way. */
  readonly why: string;
  readonly resources: Section<'Resources'>;
  readonly conditions?: Section<'Conditions'>;
  readonly outputs?: Section<'Outputs'>;
}

/** Parameters that a console shows under one heading, in this order. */
export interface ParameterGroup {
  readonly label: string;
  readonly parameters: Readonly<Record<string, LabelledParameter>>;
}

/** A parameter with the short name that a console shows for it. */
export interface LabelledParameter {
  readonly label: string;
  readonly parameter: Section<'Parameters'>[string];
}

/** Everything of one template file. */
export interface TemplateDefinition {
  readonly description: string;
  readonly parameterGroups: readonly ParameterGroup[];
  /** Checks over several parameters, which CloudFormation makes before it creates anything. */
  readonly rules?: Readonly<Record<string, unknown>>;
  readonly areas: readonly Area[];
}
