import { Document, YAMLSeq, isCollection, isMap, isScalar, type Node, type Pair, type Scalar } from 'yaml';
import { inlineLength } from './inline-length.ts';

const lineWidth = 132;

/** Intrinsic functions that may be written as a tag. `Condition` is not among them: some readers take only its long form. */
const taggable = /^(?:Ref|Fn::(?:Sub|GetAtt|If|Select|GetAZs|Cidr|Join|Split|Equals|Not|And|Or|Base64))$/;

/** A comment above an entry of the section `Resources`. */
export interface ResourceComment {
  readonly resource: string;
  readonly text: string;
}

/**
 * Writes a template as YAML: the same value gives the same bytes. Intrinsic functions become tags, except where two tags
 * would meet, which YAML does not allow. What fits a line stands on one line, since that takes fewer bytes and reads as
 * a table. Version 1.1 of YAML decides what is quoted, because readers of both versions must see the same strings.
 */
export const toYaml = (template: object, comments: readonly ResourceComment[]): string => {
  const plain: unknown = JSON.parse(JSON.stringify(template));
  const document = new Document(null, { version: '1.1', schema: 'yaml-1.1', aliasDuplicateObjects: false });
  const root = toNode(document, plain, 0);
  document.contents = root;
  const resources = isMap(root) ? root.get('Resources', true) : undefined;
  if (isMap(resources)) {
    for (const pair of resources.items as Pair<Scalar, Node>[]) {
      const comment = comments.find(({ resource }) => resource === pair.key.value);
      if (comment !== undefined) pair.key.commentBefore = ` ${comment.text}`;
    }
  }
  return document.toString({
    lineWidth: 0,
    singleQuote: true,
    flowCollectionPadding: false,
    directives: false,
    indentSeq: false,
    // What has several lines is a script.
    blockQuote: 'literal',
  });
};

/** The node of a value that starts `column` characters into its line. */
const toNode = (document: Document, value: unknown, column: number): Node => {
  const intrinsic = intrinsicOf(value);
  if (intrinsic !== undefined) return toIntrinsicNode(document, intrinsic, column);
  const fits = column + inlineLength(value) <= lineWidth;
  if (Array.isArray(value)) {
    const sequence = new YAMLSeq<Node>();
    sequence.items = value.map((item) => toNode(document, item, column + 2));
    sequence.flow = fits && value.every(isShort);
    return sequence;
  }
  if (typeof value === 'object' && value !== null) {
    const map = document.createNode({});
    for (const [key, item] of Object.entries(value)) {
      const isScript = typeof item === 'string' && item.includes('\n');
      map.add(document.createPair(key, toNode(document, item, isScript ? 0 : column + 2)));
    }
    map.flow = fits && column >= 4;
    return map;
  }
  return document.createNode(value);
};

const isShort = (value: unknown): boolean =>
  intrinsicOf(value) !== undefined || typeof value !== 'object' || inlineLength(value) < lineWidth;

interface Intrinsic {
  readonly name: string;
  readonly argument: unknown;
}

const intrinsicOf = (value: unknown): Intrinsic | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const [entry, second] = Object.entries(value) as [string, unknown][];
  return entry !== undefined && second === undefined && taggable.test(entry[0])
    ? { name: entry[0], argument: entry[1] }
    : undefined;
};

const toIntrinsicNode = (document: Document, { name, argument }: Intrinsic, column: number): Node => {
  const inner = intrinsicOf(argument);
  if (inner !== undefined) {
    const map = document.createNode({});
    map.add(document.createPair(name, toNode(document, argument, column)));
    map.flow = false;
    return map;
  }
  const node = toNode(document, shortGetAtt(name, argument), column + 6);
  node.tag = `!${name.replace('Fn::', '')}`;
  if (isCollection(node)) node.flow = column + inlineLength(argument) <= lineWidth || !containsBlock(argument);
  if (isScalar(node) && name !== 'Fn::Sub') node.type = 'PLAIN';
  return node;
};

/** `A.B` for an attribute of one word, as people write it; a pair for one with a dot, which some readers split wrongly. */
const shortGetAtt = (name: string, argument: unknown): unknown =>
  name === 'Fn::GetAtt' && Array.isArray(argument) && !String(argument[1]).includes('.')
    ? argument.join('.')
    : argument;

const containsBlock = (argument: unknown): boolean =>
  Array.isArray(argument) && argument.some((item) => inlineLength(item) > lineWidth - 40);
