import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBlobId, type BlobId } from './blob.ts';
import { decodeTree, emptyTree, encodeTree, type TreeNode } from './tree.ts';
import { scanTree } from './tree-scanner.ts';

/** What a folder holds. */
interface Contents {
  readonly content: readonly string[];
  readonly subtrees: readonly string[];
  readonly files: readonly { readonly name: string; readonly size: number; readonly content: readonly string[] }[];
}

function scanned(json: Buffer): Contents | null {
  const found = scanTree(json, true);
  if (found === null) return null;
  const idAt = (at: number) => json.toString('latin1', at, at + 64);
  const content = found.content.map(idAt);
  const files = found.files.map(({ nameStart, nameEnd, size, contentStart, contentEnd }) => ({
    name: json.toString('hex', nameStart, nameEnd),
    size,
    content: content.slice(contentStart, contentEnd),
  }));
  return { content, subtrees: found.subtrees.map(idAt), files };
}

function decoded(json: Buffer): Contents | null {
  const nodes = decodeTree(json);
  if ('fault' in nodes) return null;
  return {
    content: nodes.flatMap(({ content }) => content ?? []),
    subtrees: nodes.flatMap(({ subtree }) => subtree ?? []),
    files: nodes
      .filter(({ type }) => type === 'file')
      .map(({ name, size, content }) => ({ name: name.toString('hex'), size, content: content ?? [] })),
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
    const name = Buffer.from('file').toString('hex');
    expect(scanned(encodeTree([file, folder]))).toEqual({
      content: [id('1'), id('a')],
      subtrees: [id('2')],
      files: [{ name, size: 5, content: [id('1'), id('a')] }],
    });
    expect(scanned(emptyTree)).toEqual({ content: [], subtrees: [], files: [] });
    expect(scanned(Buffer.from('{"nodes":[]}'))).toEqual({ content: [], subtrees: [], files: [] });
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
    expect(scanned(encodeTree([node, folder]))).toMatchObject({ content: file.content, subtrees: [id('2')] });
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
    ['a second size', `${head}${content},"size":1,"size":1}]}`],
    ['a size that no double holds', `${head}${content},"size":9007199254740993}]}`],
    ['a size below zero', `${head}${content},"size":-1}]}`],
    ['a mode that is a text', `${head}${content},"mode":"1"}]}`],
    ['an owner that is nothing', `${head}${content},"uid":null}]}`],
    ['an inode that is a word', `${head}${content},"inode":true}]}`],
    ['a time that is none', `${head}${content},"mtime":"yesterday"}]}`],
    ['an empty time', `${head}${content},"mtime":""}]}`],
    ['a time that is a number', `${head}${content},"ctime":1}]}`],
    ['a time with an escape', `${head}${content},"mtime":"2001-02-03T04:05:06\\u005a"}]}`],
    ['an attribute without a value', `${head}${content},"extended_attributes":[{"name":"a"}]}]}`],
    ['attributes that are no list', `${head}${content},"extended_attributes":{}}]}`],
    ['bytes that are no UTF-8', Buffer.from(`{"nodes":[{"name":"\xff","type":"file"${content}}]}`, 'latin1')],
    ['lists without end', `${head}${content},"more":${'['.repeat(100)}${']'.repeat(100)}}]}`],
  ])('leaves %s to others', (_what, json) => {
    expect(scanned(Buffer.from(json as string))).toBeNull();
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
        fc
          .dictionary(fc.oneof(text, fc.constantFrom('inode', 'device_id')), fc.jsonValue())
          .map((value) => JSON.stringify(value)),
      ),
      size: fc.nat(),
      inode: fc.constantFrom(7n, 1_234_567_890_123_456n, 0xffff_ffff_ffff_ffffn),
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
      {
        ...folder,
        extendedAttributes: [{ name: Buffer.from('a'), value: Buffer.from('b') }],
        inode: 1n,
        ctime: '2026-01-01T00:00:00+01:00',
      },
      {
        ...file,
        name: Buffer.from('link'),
        type: 'symlink',
        content: null,
        linkTarget: Buffer.from('x'),
        error: 'e',
        genericAttributes: '{"a":[1]}',
      },
    ]);
    const byte = fc.constantFrom(...Buffer.from('{}[]":,\\ a0nulmtsizeg-.Z\xff', 'latin1'));
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
        if (references !== null) expect(references).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });
});
