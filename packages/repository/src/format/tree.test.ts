import { describe, expect, it } from 'vitest';
import { asBlobId, hashBytes } from './blob.ts';
import { decodeTree, emptyTree, encodeTree, type TreeNode } from './tree.ts';

const node: TreeNode = {
  name: Buffer.from('file'),
  type: 'file',
  mode: 0o644,
  mtime: '2001-02-03T04:05:06.1Z',
  atime: '2001-02-03T04:05:06.1Z',
  ctime: '2026-11-22T21:59:11.091248275Z',
  uid: 0,
  gid: 0,
  user: 'root',
  group: '',
  inode: 0xffff_ffff_ffff_ffffn,
  deviceId: 2049n,
  size: 5,
  links: 1,
  linkTarget: Buffer.alloc(0),
  extendedAttributes: [{ name: Buffer.from('user.a'), value: Buffer.alloc(0) }],
  genericAttributes: '',
  device: 0,
  content: [asBlobId('64896f89fd11190013b70103e603a1c5826e56b7fb7d2197ab279b0690043599')],
  subtree: null,
  error: '',
};

const decodeText = (json: string) => decodeTree(Buffer.from(json));
const withName = (name: string) => decodeText(JSON.stringify({ nodes: [{ name, type: 'fifo', content: null }] }));

describe('trees', () => {
  it('knows the id that restic gives a folder without entries', () => {
    expect(encodeTree([])).toEqual(emptyTree);
    const id = hashBytes(emptyTree).toString('hex');
    expect(id).toBe('ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8');
  });

  it('writes fields in the order of restic and leaves out what is zero', () => {
    expect(encodeTree([node]).toString()).toBe(
      '{"nodes":[{"name":"file","type":"file","mode":420,"mtime":"2001-02-03T04:05:06.1Z","atime":"2001-02-03T04:05:06.1Z",' +
        '"ctime":"2026-11-22T21:59:11.091248275Z","uid":0,"gid":0,"user":"root","inode":18446744073709551615,"device_id":2049,' +
        '"size":5,"links":1,"extended_attributes":[{"name":"user.a","value":""}],' +
        '"content":["64896f89fd11190013b70103e603a1c5826e56b7fb7d2197ab279b0690043599"]}]}\n',
    );
  });

  it('reads back what it writes, inode numbers beyond 2^53 included', () => {
    const link: TreeNode = {
      ...node,
      name: Buffer.from([0x6c, 0xff]),
      type: 'symlink',
      linkTarget: Buffer.from([0x2e, 0xfe]),
      content: null,
    };
    expect(decodeTree(encodeTree([node, link]))).toEqual([node, link]);
  });

  it('gives absent fields their zero value', () => {
    const [decoded] = decodeText(
      '{"nodes":[{"name":"d","type":"dir","subtree":"' + 'a'.repeat(64) + '"}]}',
    ) as TreeNode[];
    expect(decoded).toMatchObject({ mode: 0, uid: 0, mtime: '0001-01-01T00:00:00Z', inode: 0n, content: null });
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\x00b'])('calls the name %j hostile', (name) => {
    expect(withName(name)).toMatchObject({ hostile: true });
  });

  it.each([
    ['no JSON', '{"nodes":['],
    ['no list', '{"nodes":{}}'],
    ['a bare quote in a name', '{"nodes":[{"name":"a\\"b","type":"fifo"}]}'],
    ['a name that stands twice', '{"nodes":[{"name":"a","type":"fifo"},{"name":"a","type":"fifo"}]}'],
    ['an empty time', '{"nodes":[{"name":"a","type":"fifo","mtime":""}]}'],
    ['a file without a list of blobs', '{"nodes":[{"name":"a","type":"file","content":null}]}'],
    ['a folder without a tree', '{"nodes":[{"name":"a","type":"dir"}]}'],
    ['a blob id that is none', '{"nodes":[{"name":"a","type":"file","content":["x"]}]}'],
    ['a negative number', '{"nodes":[{"name":"a","type":"fifo","uid":-1}]}'],
    ['a number in words', '{"nodes":[{"name":"a","type":"fifo","mode":"420"}]}'],
    [
      'attributes that are nested deeper than the stack reaches',
      `{"nodes":[{"name":"a","type":"fifo","generic_attributes":${'{"a":'.repeat(50_000)}0${'}'.repeat(50_000)}}]}`,
    ],
  ])('refuses %s', (_what, json) => {
    expect(decodeText(json)).toHaveProperty('fault');
  });
});
