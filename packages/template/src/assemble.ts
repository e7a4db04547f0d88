import type { Template } from 'cloudform';
import type { TemplateDefinition } from './area.ts';
import { toYaml } from './emit/to-yaml.ts';

/** The template as a value. The order of sections is CloudFormation's own; that of their entries is the definition's. */
export const toTemplate = (definition: TemplateDefinition): Template & { readonly Rules?: unknown } => {
  const parameters = definition.parameterGroups.flatMap((group) => Object.entries(group.parameters));
  const conditions = merge(definition.areas.map((area) => area.conditions ?? {}));
  const outputs = merge(definition.areas.map((area) => area.outputs ?? {}));
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: definition.description,
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: definition.parameterGroups.map((group) => ({
          Label: { default: group.label },
          Parameters: Object.keys(group.parameters),
        })),
        ParameterLabels: Object.fromEntries(parameters.map(([name, { label }]) => [name, { default: label }])),
      },
    },
    Parameters: Object.fromEntries(parameters.map(([name, { parameter }]) => [name, parameter])),
    ...(definition.rules === undefined ? {} : { Rules: definition.rules }),
    ...(Object.keys(conditions).length === 0 ? {} : { Conditions: conditions }),
    Resources: merge(definition.areas.map((area) => area.resources)),
    ...(Object.keys(outputs).length === 0 ? {} : { Outputs: outputs }),
  };
};

/** The template as the text of its file. */
export const toTemplateText = (definition: TemplateDefinition): string =>
  toYaml(
    toTemplate(definition),
    definition.areas.map(({ resources, why }) => ({ resource: Object.keys(resources)[0] ?? '', text: why })),
  );

const merge = <Entry>(sections: readonly Readonly<Record<string, Entry>>[]): Record<string, Entry> =>
  Object.assign({}, ...sections) as Record<string, Entry>;
