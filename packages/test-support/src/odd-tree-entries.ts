import { createCipheriv, createHash } from 'node:crypto';

/** What an entry of the odd tree is. Paths and link targets are bytes: not all of them are UTF-8. */
export type OddContent =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly bytes: () => Buffer }
  | { readonly kind: 'sparse_file'; readonly size: number; readonly extents: readonly SparseExtent[] }
  | { readonly kind: 'symbolic_link'; readonly target: Buffer }
  | { readonly kind: 'hard_link'; readonly to: Buffer }
  | { readonly kind: 'fifo' }
  | { readonly kind: 'socket' }
  | { readonly kind: 'device'; readonly type: 'b' | 'c'; readonly major: number; readonly minor: number };

/** A written part of a sparse file; everything else is a hole. Offset in bytes. */
export interface SparseExtent {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** One entry of the odd tree. What is left out is ordinary: mode 0644 or 0755, the running user, a whole second. */
export interface OddEntry {
  /** Relative to the root of the tree. Empty for the root itself. */
  readonly path: Buffer;
  readonly content: OddContent;
  readonly mode?: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly attributes?: Readonly<Record<string, Buffer>>;
  /** Entries in the form of `setfacl -m`. */
  readonly acl?: string;
  /** As `touch -d` takes it, with nine digits after the second. */
  readonly modified?: string;
}

const STRANGER = { uid: 12_345, gid: 54_321 };
const MEBIBYTE = 1024 * 1024;
const folder: OddContent = { kind: 'folder' };

/** Pseudo-random bytes that depend on the seed and on `what` alone. They do not compress. */
export function seededBytes(seed: number, what: string, size: number): Buffer {
  const key = createHash('sha256').update(`${seed} ${what}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Every entry of the odd tree, folders before what they hold. */
export function oddEntries(seed: number): OddEntry[] {
  const random = (what: string, size: number): OddContent => ({
    kind: 'file',
    bytes: () => seededBytes(seed, what, size),
  });
  const text = (content: string): OddContent => ({ kind: 'file', bytes: () => Buffer.from(content) });
  const at = (path: string, content: OddContent, rest: Omit<OddEntry, 'path' | 'content'> = {}): OddEntry => ({
    path: Buffer.from(path),
    content,
    ...rest,
  });
  const link = (target: string | Buffer): OddContent => ({ kind: 'symbolic_link', target: Buffer.from(target) });
  const hardLink = (to: string): OddContent => ({ kind: 'hard_link', to: Buffer.from(to) });

  return [
    at('', folder, { mode: 0o750, modified: '2001-02-03T04:05:06.700000001Z' }),

    at('content', folder),
    at('content/empty-file', text('')),
    at('content/empty-folder', folder),
    at('content/one-byte', text('x')),
    at('content/big', random('big', 20 * MEBIBYTE + 4321)),
    at('content/zeros', { kind: 'file', bytes: () => Buffer.alloc(3 * MEBIBYTE) }),
    at('content/text', { kind: 'file', bytes: () => Buffer.from('the same line again\n'.repeat(60_000)) }),
    at('content/same-as-one-byte', text('x')),
    at('content/sparse', {
      kind: 'sparse_file',
      size: 12 * MEBIBYTE + 100,
      extents: [
        { offset: 0, bytes: seededBytes(seed, 'sparse first', 5000) },
        { offset: 5 * MEBIBYTE + 123, bytes: seededBytes(seed, 'sparse second', 70_000) },
      ],
    }),
    at('content/hole-only', { kind: 'sparse_file', size: 2 * MEBIBYTE, extents: [] }),
    ...smallFiles(seed),
    ...deepFolders(),

    at('links', folder),
    at('links/first-a', text('first group')),
    at('links/first-b', hardLink('links/first-a')),
    at('links/elsewhere', folder),
    at('links/elsewhere/first-c', hardLink('links/first-a')),
    at('links/second-a', random('second group', 700_000), { mode: 0o600 }),
    at('links/second-b', hardLink('links/second-a')),
    at('links/empty-a', text('')),
    at('links/empty-b', hardLink('links/empty-a')),
    at('links/dangling', link('does/not/exist')),
    at('links/absolute', link('/etc/hostname')),
    at('links/to-parent', link('..')),
    at('links/to-itself', link('to-itself')),
    at('links/to-folder', link('elsewhere'), { modified: '2012-12-12T12:12:12.121212121Z' }),
    at('links/not-utf8', link(Buffer.from([0x74, 0xff, 0xfe, 0x2f, 0xc3]))),
    at('links/quotes', link('a "quoted" \\ target\n<&>\u2028')),
    at('links/long', link('x'.repeat(4000))),

    at('special', folder),
    at('special/fifo', { kind: 'fifo' }, { mode: 0o620 }),
    at('special/socket', { kind: 'socket' }),
    at('special/character-device', { kind: 'device', type: 'c', major: 1, minor: 3 }, { mode: 0o666 }),
    at('special/block-device', { kind: 'device', type: 'b', major: 7, minor: 300 }, { mode: 0o640, owner: STRANGER }),

    at('modes', folder),
    at('modes/setuid', text('#!/bin/sh\n'), { mode: 0o4755 }),
    at('modes/setgid', text('#!/bin/sh\n'), { mode: 0o2755 }),
    at('modes/setuid-of-another', text('#!/bin/sh\n'), { mode: 0o6711, owner: STRANGER }),
    at('modes/setgid-folder', folder, { mode: 0o2775 }),
    at('modes/sticky-folder', folder, { mode: 0o1777 }),
    at('modes/all-bits', text('all'), { mode: 0o7777 }),
    at('modes/none', text('mode 0'), { mode: 0 }),
    at('modes/none-folder', folder, { mode: 0 }),
    at('modes/none-folder/inside', text('inside a folder of mode 0')),
    at('modes/read-only-folder', folder, { mode: 0o555 }),
    at('modes/read-only-folder/read-only', text('read only'), { mode: 0o444 }),
    at('modes/read-only-folder/folder', folder, { mode: 0o500 }),
    at('modes/read-only-folder/folder/file', text('deeper')),
    at('modes/owned', folder, { owner: STRANGER }),
    at('modes/owned/file', text('owned'), { owner: STRANGER, mode: 0o640 }),
    at('modes/owned/link', link('file'), { owner: STRANGER }),

    at('times', folder, { modified: '1999-12-31T23:59:59.999999999Z' }),
    at('times/nanosecond', text('1 ns'), { modified: '2024-02-29T12:00:00.000000001Z' }),
    at('times/trailing-zeros', text('100 ms'), { modified: '2024-02-29T12:00:00.100000000Z' }),
    at('times/epoch', text('0'), { modified: '1970-01-01T00:00:00.000000000Z' }),
    at('times/before-epoch', text('-1 ns'), { modified: '1969-12-31T23:59:59.999999999Z' }),
    at('times/long-ago', text('1902'), { modified: '1902-01-02T03:04:05.678901234Z' }),
    at('times/far-future', text('2400'), { modified: '2400-01-01T00:00:00.123456789Z' }),
    at('times/old-folder', folder, { modified: '1955-11-05T06:15:00.500000001Z' }),
    at('times/old-folder/file', text('in an old folder')),

    ...attributes(seed),
    ...oddNames(),
  ];
}

/** Two hundred files below 3 KB, in ten folders, some of them alike. */
function smallFiles(seed: number): OddEntry[] {
  const entries: OddEntry[] = [{ path: Buffer.from('many'), content: folder }];
  const sizes = seededBytes(seed, 'sizes', 200);
  for (let group = 0; group < 10; group += 1) {
    entries.push({ path: Buffer.from(`many/group-${group}`), content: folder });
    for (let number = 0; number < 20; number += 1) {
      const size = (sizes[group * 20 + number] ?? 0) * 11;
      entries.push({
        path: Buffer.from(`many/group-${group}/file-${number}`),
        content: { kind: 'file', bytes: () => seededBytes(seed, `small ${size}`, size) },
      });
    }
  }
  return entries;
}

/** Sixty folders in each other, then one more with a long name: a path of about 1,200 bytes. */
function deepFolders(): OddEntry[] {
  const entries: OddEntry[] = [];
  let path = 'deep';
  for (let level = 0; level < 60; level += 1) {
    entries.push({ path: Buffer.from(path), content: folder });
    path += `/level-with-name-${level % 10}`;
  }
  entries.push({ path: Buffer.from(path), content: { kind: 'file', bytes: () => Buffer.from('deep down') } });
  return entries;
}

function attributes(seed: number): OddEntry[] {
  const file: OddContent = { kind: 'file', bytes: () => Buffer.from('with attributes') };
  const at = (path: string, content: OddContent, rest: Omit<OddEntry, 'path' | 'content'>): OddEntry => ({
    path: Buffer.from(path),
    content,
    ...rest,
  });
  return [
    at('attributes', folder, { attributes: { 'user.on-folder': Buffer.from('folder') } }),
    at('attributes/file', file, {
      attributes: {
        'user.text': Buffer.from('plain text'),
        'user.binary': Buffer.from([0, 1, 0xff, 0xfe, 0x0a, 0]),
        'user.empty': Buffer.alloc(0),
        'user.named <ö> & "so"': Buffer.from('é'),
      },
    }),
    at('attributes/large', file, { attributes: { 'user.large': seededBytes(seed, 'large attribute', 2000) } }),
    at('attributes/read-only', file, { mode: 0o400, attributes: { 'user.note': Buffer.from('read only') } }),
    at('attributes/trusted', file, { attributes: { 'trusted.note': Buffer.from('root alone sees this') } }),
    at(
      'attributes/link',
      { kind: 'symbolic_link', target: Buffer.from('file') },
      {
        attributes: { 'trusted.on-link': Buffer.from('on the link itself') },
      },
    ),
    // cap_net_raw+ep in the form of linux/capability.h, revision 2. The kernel drops it when the owner changes.
    at('attributes/capability', file, {
      owner: STRANGER,
      mode: 0o755,
      attributes: { 'security.capability': Buffer.from('0100000200200000000000000000000000000000', 'hex') },
    }),
    at('attributes/acl-file', file, { mode: 0o640, acl: 'u:12345:rw,g:54321:r,m::rw' }),
    at('attributes/acl-folder', folder, { acl: 'u:12345:rwx,g::r-x,d:u:12345:rwx,d:g:54321:r-x,d:o::---' }),
    // Made before its folder gets the default ACL, so that it has none of its own.
    at('attributes/acl-folder/file', file, { mode: 0o664 }),
  ];
}

/** Files, and one folder, whose names are hard to write down, to sort or to decode. */
function oddNames(): OddEntry[] {
  const names: (string | Buffer)[] = [
    Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe, 0x6e]),
    Buffer.from([0x63, 0x75, 0x74, 0xe2, 0x82]),
    Buffer.from([0x73, 0x75, 0x72, 0xed, 0xa0, 0x80]),
    Buffer.from([0x80]),
    '"double" and \'single\' and `back`',
    'back\\slash',
    '\\',
    '\\x41\\u0041\\101',
    'new\nline',
    'tab\there',
    '\r',
    'bell\u0007 escape\u001b[31m delete\u007f',
    '\u0001',
    'nfc-\u00e9',
    'nfd-e\u0301',
    'emoji-\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    '\uff5e sorts before an emoji by bytes',
    '\u{1f600} sorts before it by UTF-16 units',
    'line\u2028separator\u2029paragraph',
    'no\u00a0break\u200bzero\ufeffmark',
    'right\u202eleft',
    '\ufffd',
    '\u0600\u00ad',
    'x'.repeat(255),
    '\u00e9'.repeat(127),
    '-rf',
    '--help',
    ' leading',
    'trailing ',
    ' ',
    'a&b<c>',
    '.hidden',
    '..data',
    '...',
    '*',
    '%2e%2e',
    '$HOME',
    '~',
    'CON',
    'dot.',
    'sort',
    'sort-1',
    'sort.1',
    'Sort',
  ];
  const inside = (name: string | Buffer): Buffer => Buffer.concat([Buffer.from('names/'), Buffer.from(name)]);
  const folderName = Buffer.from([0x66, 0x6f, 0x6c, 0xff, 0x0a, 0x22]);
  return [
    { path: Buffer.from('names'), content: folder },
    ...names.map((name): OddEntry => ({
      path: inside(name),
      content: { kind: 'file', bytes: () => Buffer.concat([Buffer.from('named '), Buffer.from(name)]) },
    })),
    { path: inside(folderName), content: folder },
    {
      path: Buffer.concat([inside(folderName), Buffer.from([0x2f, 0xfe])]),
      content: { kind: 'file', bytes: () => Buffer.from('inside') },
    },
  ];
}
