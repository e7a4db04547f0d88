import { describe, expect, it } from 'vitest';
import { compareResources } from '../src/summary/compare-resources.ts';
import { plainTemplate, visit, type PlainResource } from './plain-template.ts';

/** Types of resources whose content nothing else can bring back. */
const dataTypes = ['AWS::S3::Bucket', 'AWS::RDS::DBInstance', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];

/** The stack's own name and the ARN of its key, which no update changes. */
const fixed = ['PlatformStack', 'PrimaryKeyArn'];

/** Names of parameters, conditions and resources that a value of a template mentions. */
const mentioned = (value: unknown): Set<string> => {
  const names = new Set<string>();
  visit(value, (part, path) => {
    if (typeof part !== 'string') return;
    const key = path.split('/').at(-1) ?? '';
    if (key === 'Ref' || key === 'Condition' || /\/Fn::(?:If|GetAtt)\/0$/.test(path)) names.add(part);
    for (const [, name = ''] of part.matchAll(/\$\{([A-Za-z0-9]+)/g)) names.add(name);
  });
  return names;
};

/** What is replaced, by the update behaviour in AWS's specification, when a parameter gets any other value. */
const replacedBy = (file: string, parameter: string): readonly string[] => {
  const { Resources, Conditions = {} } = plainTemplate(file);
  const changed = new Set([parameter]);
  for (let before = 0; before < changed.size;) {
    before = changed.size;
    for (const [name, condition] of Object.entries(Conditions)) {
      if ([...mentioned(condition)].some((each) => changed.has(each))) changed.add(name);
    }
    // A resource that is replaced is another value for all that refer to it.
    for (const name of replaced(Resources, changed)) changed.add(name);
  }
  return replaced(Resources, changed);
};

const replaced = (resources: Readonly<Record<string, PlainResource>>, changed: ReadonlySet<string>): string[] => {
  const after = Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => {
      const properties = Object.entries(resource.Properties ?? {}).map(([name, value]) =>
        [...mentioned(value)].some((each) => changed.has(each)) ? [name, { another: value }] : [name, value],
      );
      return [id, { ...resource, Properties: Object.fromEntries(properties) as Record<string, unknown> }];
    }),
  );
  return compareResources(
    { Parameters: {}, Conditions: {}, Resources: resources },
    { Parameters: {}, Conditions: {}, Resources: after },
  )
    .changed.filter(({ replacement }) => replacement === 'yes')
    .map(({ id }) => id);
};

describe.each(['main.yaml', 'dr-region.yaml'])('an update of %s', (file) => {
  const { Parameters, Resources } = plainTemplate(file);
  const names = Object.keys(Parameters).filter((name) => !fixed.includes(name));

  it.each(names)('with another %s replaces nothing that holds data', (parameter) => {
    const types = replacedBy(file, parameter).map((id) => Resources[id]?.Type ?? '');
    expect(types.filter((type) => dataTypes.includes(type))).toEqual([]);
  });
});

it('would see a replacement', () => {
  expect(replacedBy('main.yaml', 'VpcCidr')).toEqual(expect.arrayContaining(['Vpc', 'DataSubnet1']));
  expect(replacedBy('dr-region.yaml', 'PlatformStack')).toContain('Bucket');
});
