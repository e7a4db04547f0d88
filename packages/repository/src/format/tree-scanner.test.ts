import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBlobId, type BlobId } from './blob.ts';
import { decodeTree, emptyTree, encodeTree, type TreeNode } from './tree.ts';
import { scanTree } from './tree-scanner.ts';

interface References {
  readonly content: readonly string[];
  readonly subtrees: readonly string[];
}

function scanned(json: Buffer): References | null {
  const found = scanTree(json);
  if (found === null) return null;
  const idAt = (at: number) => json.toString('latin1', at, at + 64);
  return { content: found.content.map(idAt), subtrees: found.subtrees.map(idAt) };
}

function decoded(json: Buffer): References | null {
  const nodes = decodeTree(json);
  if ('fault' in nodes) return null;
  return {
    content: nodes.flatMap(({ content }) => content ?? []),
    subtrees: nodes.flatMap(({ subtree }) => subtree ?? []),
  };
}

const id = (digit: string): BlobId => asBlobId(digit.repeat(64));
const time = '2001-02-03T04:05:06.1Z';
const file: TreeNode = {
  name: Buffer.from('file'),
  type: 'file',
  mode: 0o644,
  mtime: time,
  atime: time,
  ctime: time,
  uid: 0,
  gid: 0,
  user: 'root',
  group: '',
  inode: 0xffff_ffff_ffff_ffffn,
  deviceId: 2049n,
  size: 5,
  links: 1,
  linkTarget: Buffer.alloc(0),
  extendedAttributes: [],
  genericAttributes: '',
  device: 0,
  content: [id('1'), id('a')],
  subtree: null,
  error: '',
};
const folder: TreeNode = { ...file, name: Buffer.from('folder'), type: 'dir', content: null, subtree: id('2') };

describe('scanning a tree', () => {
  it('finds what files and folders refer to', () => {
    expect(scanned(encodeTree([file, folder]))).toEqual({ content: [id('1'), id('a')], subtrees: [id('2')] });
    expect(scanned(emptyTree)).toEqual({ content: [], subtrees: [] });
    expect(scanned(Buffer.from('{"nodes":[]}'))).toEqual({ content: [], subtrees: [] });
  });

  it('is not led astray by what stands in texts and in attributes', () => {
    const text = `"content":["${id('7')}"],"subtree":"${id('8')}"}]},{\\`;
    const node: TreeNode = {
      ...file,
      user: text,
      group: '\\',
      linkTarget: Buffer.from(text),
      extendedAttributes: [{ name: Buffer.from('content'), value: Buffer.from(text) }],
      genericAttributes: JSON.stringify({ content: [id('7')], subtree: id('8'), nodes: [[{ subtree: text }]] }),
      error: text,
    };
    expect(scanned(encodeTree([node, folder]))).toEqual({ content: file.content, subtrees: [id('2')] });
  });

  const head = '{"nodes":[{"name":"a","type":"file"';
  const content = `,"content":["${id('1')}"]`;
  it.each([
    ['nothing', ''],
    ['no list', '{}'],
    ['a tree that ends early', encodeTree([file, folder]).toString().slice(0, -3)],
    ['more after its end', `${encodeTree([file]).toString()}\n`],
    ['spaces', `{"nodes": [{"name":"a","type":"file"${content}}]}`],
    ['other fields first', `{"nodes":[{"type":"file","name":"a"${content}}]}`],
    ['names that are not in order', encodeTree([folder, file]).toString()],
    ['a name that stands twice', encodeTree([file, file]).toString()],
    ['a name with an escape', `{"nodes":[{"name":"\\u0061","type":"file"${content}}]}`],
    ['a name with a slash', `{"nodes":[{"name":"a/b","type":"file"${content}}]}`],
    ['the name of this folder', `{"nodes":[{"name":".","type":"file"${content}}]}`],
    ['the name of the folder above', `{"nodes":[{"name":"..","type":"file"${content}}]}`],
    ['an empty name', `{"nodes":[{"name":"","type":"file"${content}}]}`],
    ['a file without content', `${head}}]}`],
    ['a file whose content is null', `${head},"content":null}]}`],
    ['a folder without a tree', '{"nodes":[{"name":"a","type":"dir","content":null}]}'],
    ['a second list', `${head}${content}${content}}]}`],
    ['a second tree', `${head}${content},"subtree":"${id('1')}","subtree":"${id('2')}"}]}`],
    ['a second name', `${head}${content},"name":"b"}]}`],
    ['a second type', `${head}${content},"type":"dir"}]}`],
    ['a key with an escape', `${head}${content},"subtre\\u0065":"${id('1')}"}]}`],
    ['a type with an escape', `{"nodes":[{"name":"a","type":"fil\\u0065"${content}}]}`],
    ['an id in capitals', `${head},"content":["${id('A')}"]}]}`],
    ['an id that is too short', `${head},"content":["${'a'.repeat(63)}"]}]}`],
    ['an id that is too long', `${head},"content":["${'a'.repeat(65)}"]}]}`],
    ['a number in the list', `${head},"content":[1]}]}`],
    ['a comma too many', `${head},"content":["${id('1')}",]}]}`],
    ['a node too few', `${head}${content}},]}`],
    ['brackets that do not match', `${head}${content},"more":]}]}`],
    ['a field without a value', `${head}${content},"size":}]}`],
    ['a number that is none', `${head}${content},"size":01}]}`],
    ['a number and a word', `${head}${content},"size":01null}]}`],
    ['a fraction', `${head}${content},"size":1.5}]}`],
    ['a word that is none', `${head}${content},"more":nul}]}`],
    ['an escape that is none', `${head}${content},"user":"\\x41"}]}`],
    ['a text over two lines', `${head}${content},"user":"a\nb"}]}`],
    ['lists without end', `${head}${content},"more":${'['.repeat(100)}${']'.repeat(100)}}]}`],
  ])('leaves %s to others', (_, json) => {
    expect(scanned(Buffer.from(json))).toBeNull();
  });

  it('leaves what ends early to others, wherever it ends', () => {
    const whole = encodeTree([
      { ...file, user: 'a"\\\u0001<', extendedAttributes: [{ name: Buffer.from('a'), value: file.name }] },
    ]);
    expect(scanned(whole)).not.toBeNull();
    // Without the line feed it is whole.
    for (let length = 0; length < whole.length - 1; length += 1) expect(scanned(whole.subarray(0, length))).toBeNull();
  });

  const ids = fc.stringMatching(/^[0-9a-f]{64}$/).map(asBlobId);
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const node: fc.Arbitrary<TreeNode> = fc
    .record({
      name: fc.oneof(
        { weight: 9, arbitrary: fc.stringMatching(/^[\w -]{1,6}$/).map((name) => Buffer.from(name)) },
        { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
      ),
      kind: fc.oneof(
        fc.record({ type: fc.constant('file'), content: fc.array(ids, { maxLength: 3 }), subtree: fc.constant(null) }),
        fc.record({ type: fc.constant('dir'), content: fc.constant(null), subtree: ids }),
        fc.record({ type: fc.constant('symlink'), content: fc.constant(null), subtree: fc.constant(null) }),
      ),
      user: text,
      linkTarget: text.map((target) => Buffer.from(target)),
      error: text,
      extendedAttributes: fc.array(
        fc.record({ name: text.map((name) => Buffer.from(name)), value: text.map((value) => Buffer.from(value)) }),
        { maxLength: 2 },
      ),
      genericAttributes: fc.oneof(
        fc.constant(''),
        fc.dictionary(text, fc.json()).map((value) => JSON.stringify(value)),
      ),
      size: fc.nat(),
    })
    .map(({ kind, ...fields }) => ({ ...file, ...fields, ...kind }));

  it('finds what decoding finds, or leaves it to that', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.uniqueArray(node, { maxLength: 5, selector: ({ name }) => name.toString('hex') }), (nodes) => {
        const json = encodeTree([...nodes].sort((left, right) => Buffer.compare(left.name, right.name)));
        const references = scanned(json);
        if (references === null) return;
        found += 1;
        expect(references).toEqual(decoded(json));
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('finds nothing in what is no JSON, and nothing else in bytes that were changed than decoding does', () => {
    const whole = encodeTree([
      file,
      { ...folder, extendedAttributes: [{ name: Buffer.from('a'), value: Buffer.from('b') }] },
    ]);
    const byte = fc.constantFrom(...Buffer.from('{}[]":,\\ a0'));
    const change = fc.record({ at: fc.nat(whole.length - 1), byte, remove: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const json = changes.reduce(
          (bytes, { at, byte: put, remove }) =>
            Buffer.concat([bytes.subarray(0, at), Buffer.from([put]), bytes.subarray(at + remove)]),
          whole,
        );
        const expected = decoded(json);
        const references = scanned(json);
        if (references === null) return;
        expect(() => JSON.parse(json.toString()) as unknown).not.toThrow();
        // Decoding looks at the other fields, too.
        if (expected !== null) expect(references).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });
});
