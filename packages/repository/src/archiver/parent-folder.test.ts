import { describe, expect, it } from 'vitest';
import { hashBytes } from '../format/blob.ts';
import { encodeNode, encodeNodeHead, encodeTree, type TreeNode } from '../format/tree.ts';
import { blobIdOf } from '../index/blob-index.ts';
import { describeNode, type NodeParts } from './describe-node.ts';
import type { FileStat } from './file-stat.ts';
import { ParentFolder } from './parent-folder.ts';

const stat: FileStat = {
  mode: 0o100_644,
  uid: 1000,
  gid: 100,
  inode: 4711n,
  deviceId: 64_768n,
  links: 1,
  size: 5,
  device: 0,
  mtimeNs: 1_700_000_000_123_456_789n,
  ctimeNs: 1_700_000_001_000_000_000n,
};
const ids = ['a', 'b', 'c'].map((text) => blobIdOf(hashBytes(Buffer.from(text))));
const [first, second, third] = ids as [(typeof ids)[0] & {}, (typeof ids)[0] & {}, (typeof ids)[0] & {}];

const file = (name: string, parts: Partial<NodeParts> = {}, changed: Partial<FileStat> = {}): TreeNode =>
  describeNode(
    Buffer.from(name),
    'file',
    { ...stat, ...changed },
    { extendedAttributes: [], size: 5, content: [], ...parts },
  );

/** What the walk knows of a node before it looks at its content. */
const headOf = (node: TreeNode): string => encodeNodeHead(node);
const folderOf = (...nodes: readonly TreeNode[]): ParentFolder => new ParentFolder(encodeTree(nodes).toString());

describe('a folder of the parent', () => {
  it('gives its entries in order, with what they refer to', () => {
    const nodes = [
      file('empty'),
      file('one', { content: [first] }),
      file('three', { content: [first, second, third] }),
      describeNode(Buffer.from('w'), 'dir', { ...stat, mode: 0o040_755 }, { extendedAttributes: [], subtree: second }),
    ];
    const folder = folderOf(...nodes);
    expect(nodes.map((node) => folder.take(headOf(node)))).toEqual([
      { text: encodeNode(nodes[0] as TreeNode), content: [], subtree: null },
      { text: encodeNode(nodes[1] as TreeNode), content: [first], subtree: null },
      { text: encodeNode(nodes[2] as TreeNode), content: [first, second, third], subtree: null },
      { text: encodeNode(nodes[3] as TreeNode), content: [], subtree: second },
    ]);
    expect(folder.isAtEnd).toBe(true);
    expect(folder.take(headOf(file('empty')))).toBeNull();
  });

  it('keeps extended attributes, targets of links and attributes of Windows, whatever stands in them', () => {
    const extendedAttributes = [{ name: Buffer.from('user.{"}]\\'), value: Buffer.from('"}]},{') }];
    const nodes = [
      file('attributes', { extendedAttributes, content: [first, second] }),
      file('generic', { genericAttributes: '{"windows.x":{"a":"}\\"]"}}', content: [third] }),
      describeNode(Buffer.from('link'), 'symlink', stat, {
        extendedAttributes: [],
        linkTarget: Buffer.from('{"}],\\'),
      }),
      describeNode(Buffer.from('pipe'), 'fifo', stat, { extendedAttributes }),
    ];
    const folder = folderOf(...nodes);
    expect(nodes.map((node) => folder.take(headOf(node))?.text)).toEqual(nodes.map(encodeNode));
    expect(folder.isAtEnd).toBe(true);
  });

  it.each([
    ['name', file('other')],
    ['size', file('name', { size: 6 })],
    ['mtime', file('name', {}, { mtimeNs: stat.mtimeNs + 1n })],
    ['ctime', file('name', {}, { ctimeNs: stat.ctimeNs + 1n })],
    ['inode', file('name', {}, { inode: 4712n })],
    ['mode', file('name', {}, { mode: 0o100_600 })],
    ['owner', file('name', {}, { uid: 1001 })],
    ['links', file('name', {}, { links: 2 })],
    ['number of links that begins alike', file('name', {}, { links: 11 })],
  ])('gives nothing for another %s, and stays', (_what, found) => {
    const folder = folderOf(file('name', { content: [first] }));
    expect(folder.take(headOf(found))).toBeNull();
    expect(folder.isAtEnd).toBe(false);
    expect(folder.take(headOf(file('name')))?.content).toEqual([first]);
  });

  it('does not take a number that only begins like the one it looks for', () => {
    expect(folderOf(file('name', {}, { links: 12 })).take(headOf(file('name')))).toBeNull();
  });

  it('gives nothing of what another program wrote in its own way, or nobody would write', () => {
    const text = encodeTree([file('name', { content: [first] })]).toString();
    for (const other of [
      '',
      '[]',
      '{"nodes":null}',
      text.replaceAll(',', ', '),
      text.slice(0, -30),
      text.replace(first, 'x'),
    ]) {
      expect(new ParentFolder(other).take(headOf(file('name')))).toBeNull();
    }
  });
});
