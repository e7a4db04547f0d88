import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource } from '@aws-cdk/service-spec-types';
import { describe, expect, it } from 'vitest';
import { plainTemplates, toList, visit, type PlainTemplate } from './plain-template.ts';

const specification = loadAwsServiceSpecSync();

const customResource = 'AWS::CloudFormation::CustomResource';

const resourceType = (name: string): Resource => {
  const type = name.startsWith('Custom::') ? customResource : name;
  const found = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  if (found.length !== 1) throw new Error(`the specification has ${found.length} types named ${type}`);
  return found.only();
};

const policies = /(?:PolicyDocument|KeyPolicy|FileSystemPolicy)$/;

const isFunction = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  /^(?:Ref|Fn::)/.test(Object.keys(value)[0] ?? '');

/** What is wrong with a value of a type, as paths with sentences. */
const faultsOf = (value: unknown, type: PropertyType, path: string): string[] => {
  if (typeof value === 'object' && value !== null && 'Fn::If' in value) {
    return toList(value['Fn::If'])
      .slice(1)
      .flatMap((branch) => faultsOf(branch, type, path));
  }
  if (isFunction(value) || policies.test(path)) return [];
  switch (type.type) {
    case 'ref': {
      const definition = specification.get('typeDefinition', type.reference.$ref);
      return faultsOfProperties(value, definition.properties, path);
    }
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) => faultsOf(item, type.element, `${path}/${index}`))
        : [`${path} is not a list`];
    case 'union': {
      const each = type.types.map((one) => faultsOf(value, one, path));
      return each.some((faults) => faults.length === 0) ? [] : (each[0] ?? []);
    }
    case 'string':
      return ['string', 'number', 'boolean'].includes(typeof value) ? [] : [`${path} is not a string`];
    case 'boolean':
      return value === true || value === false || value === 'true' || value === 'false'
        ? []
        : [`${path} is no boolean`];
    case 'integer':
    case 'number':
      return Number.isFinite(Number(value)) ? [] : [`${path} is not a number`];
    default:
      return [];
  }
};

const faultsOfProperties = (value: unknown, properties: Readonly<Record<string, Property>>, path: string): string[] => {
  if (typeof value !== 'object' || value === null) return [`${path} is not an object`];
  const unknownNames = Object.keys(value)
    .filter((name) => !(name in properties))
    .map((name) => `${path}/${name} does not exist`);
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required === true && !(name in value))
    .map(([name]) => `${path}/${name} is required`);
  const inside = Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name];
    return property === undefined ? [] : faultsOf(item, property.type, `${path}/${name}`);
  });
  return [...unknownNames, ...missing, ...inside];
};

/** Names that `Ref` and `Sub` use, and attributes that `GetAtt` and `Sub` use. */
const referencesOf = (template: PlainTemplate): { names: Set<string>; attributes: Set<string> } => {
  const names = new Set<string>();
  const attributes = new Set<string>();
  visit(template, (value) => {
    if (typeof value !== 'object' || value === null) return;
    if ('Ref' in value) names.add(String(value.Ref));
    if ('Fn::GetAtt' in value) attributes.add(toList(value['Fn::GetAtt']).join('.'));
    if ('Fn::Sub' in value) {
      const [text, own] = toList(value['Fn::Sub']);
      for (const [, name = ''] of String(text).matchAll(/\$\{([^!}]+)\}/g)) {
        if (typeof own === 'object' && own !== null && name in own) continue;
        (name.includes('.') ? attributes : names).add(name);
      }
    }
  });
  return { names, attributes };
};

describe.each(Object.entries(plainTemplates))('%s', (_, template) => {
  it('uses types, properties and required properties as the specification has them', () => {
    const faults = Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
      const { properties } = resourceType(Type);
      const found = faultsOfProperties(Properties, properties, id);
      // A custom resource takes any property besides those of its type.
      return Type.startsWith('Custom::') ? found.filter((fault) => !fault.endsWith('does not exist')) : found;
    });
    expect(faults).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const { names, attributes } = referencesOf(template);
    const known = [...Object.keys(template.Parameters), ...Object.keys(template.Resources)];
    expect([...names].filter((name) => !name.startsWith('AWS::') && !known.includes(name))).toEqual([]);
    const faults = [...attributes].filter((text) => {
      const [id = '', ...rest] = text.split('.');
      const type = template.Resources[id]?.Type;
      return type === undefined || !(rest.join('.') in resourceType(type).attributes);
    });
    expect(faults).toEqual([]);
    for (const resource of Object.values(template.Resources)) {
      for (const id of toList(resource.DependsOn)) expect(template.Resources).toHaveProperty(String(id));
    }
  });

  it('uses every parameter and every condition', () => {
    const { names } = referencesOf({ ...template, Parameters: {} });
    expect(Object.keys(template.Parameters).filter((name) => !names.has(name))).toEqual([]);
    const text = JSON.stringify([template.Resources, template.Conditions, template.Outputs]);
    const unused = Object.keys(template.Conditions ?? {}).filter(
      (name) => !text.includes(`"Fn::If":["${name}"`) && !text.includes(`"Condition":"${name}"`),
    );
    expect(unused).toEqual([]);
  });
});

it('sees what is wrong', () => {
  const { properties } = resourceType('AWS::S3::Bucket');
  expect(faultsOfProperties({ BucketNam: 'a' }, properties, 'B')).toEqual(['B/BucketNam does not exist']);
  expect(faultsOfProperties({ VersioningConfiguration: { State: 'Enabled' } }, properties, 'B')).toEqual([
    'B/VersioningConfiguration/State does not exist',
    'B/VersioningConfiguration/Status is required',
  ]);
});
