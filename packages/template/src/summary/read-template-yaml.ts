import { isMap, isScalar, isSeq, parse, type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml';

const functions = [
  'Sub',
  'GetAtt',
  'If',
  'Select',
  'GetAZs',
  'Cidr',
  'Join',
  'Split',
  'Equals',
  'Not',
  'And',
  'Or',
  'Base64',
];

const toLong = (name: string, value: unknown): object => {
  if (name === 'Ref') return { Ref: value };
  if (name === 'GetAtt' && typeof value === 'string') {
    const [resource = '', ...attribute] = value.split('.');
    return { 'Fn::GetAtt': [resource, attribute.join('.')] };
  }
  return { [`Fn::${name}`]: value };
};

const scalarTag = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (text) => toLong(name, text) });

const collectionTag = (name: string, collection: 'seq' | 'map'): CollectionTag => ({
  tag: `!${name}`,
  collection,
  resolve: (node: YAMLMap.Parsed | YAMLSeq.Parsed) => toLong(name, plain(node)),
});

const plain = (node: unknown): unknown => {
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map(plain);
  if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [String(plain(key)), plain(value)]));
  return node;
};

/** Reads a template's YAML as CloudFormation does, into the long forms of all functions. */
export const readTemplateYaml = (text: string): unknown =>
  parse(text, {
    version: '1.1',
    customTags: (tags) => [
      ...tags,
      ...['Ref', ...functions].map(scalarTag),
      ...functions.flatMap((name) => [collectionTag(name, 'seq'), collectionTag(name, 'map')]),
    ],
  });
