import { describe, expect, it } from 'vitest';
import { asBlobId, asPackId, type PackContents } from './blob.ts';
import { encodeIndexFile } from './index-file.ts';
import { packsOf, scanIndexFile } from './index-scanner.ts';

const id = (digit: string) => digit.repeat(64);
const packs: readonly PackContents[] = [
  {
    id: asPackId(id('a')),
    blobs: [
      { id: asBlobId(id('1')), type: 'tree', offset: 0, length: 261, uncompressedLength: 352 },
      { id: asBlobId(id('2')), type: 'data', offset: 261, length: 4_294_967_295, uncompressedLength: 0 },
    ],
  },
  { id: asPackId(id('b')), blobs: [] },
  {
    id: asPackId(id('c')),
    blobs: [{ id: asBlobId(id('3')), type: 'data', offset: 7, length: 8, uncompressedLength: 9 }],
  },
];

const contentsOf = (json: Buffer | string): PackContents[] | null => {
  const scanned = scanIndexFile(Buffer.from(json));
  if (scanned === null) return null;
  return Array.from(packsOf(scanned), ({ id: pack, blobs }) => ({ id: pack, blobs: [...blobs] }));
};

describe('scanning an index file', () => {
  it('reads what is written, with or without the line feed at the end', () => {
    const json = encodeIndexFile(packs);
    expect(contentsOf(json)).toEqual(packs);
    expect(contentsOf(json.subarray(0, -1))).toEqual(packs);
    expect(contentsOf('{"packs":[]}')).toEqual([]);
  });

  it('gives the blobs of a pack by their offsets, whatever their order in the file', () => {
    const json = encodeIndexFile(packs.map(({ id: pack, blobs }) => ({ id: pack, blobs: [...blobs].reverse() })));
    expect(contentsOf(json)).toEqual(packs);
  });

  const entry = (blob: string) => `{"packs":[{"id":"${id('a')}","blobs":[${blob}]}]}`;
  const blob = (fields: string) => entry(`{"id":"${id('1')}","type":"data",${fields}}`);

  it.each([
    ['nothing', ''],
    ['another list first', `{"supersedes":[],"packs":[]}`],
    ['marked packs', `{"packs":[],"packs_to_delete":[]}`],
    ['the bare list of restic 0.1', '[]'],
    ['spaces', `{"packs": []}`],
    ['more after its end', `{"packs":[]}\n\n`],
    ['a comma too many', `{"packs":[{"id":"${id('a')}","blobs":[]},]}`],
    ['an id in capitals', `{"packs":[{"id":"${id('A')}","blobs":[]}]}`],
    ['an id that is too short', `{"packs":[{"id":"${'a'.repeat(63)}","blobs":[]}]}`],
    ['another type', entry(`{"id":"${id('1')}","type":"mixed","offset":0,"length":1}`)],
    ['fields in another order', entry(`{"type":"data","id":"${id('1')}","offset":0,"length":1}`)],
    ['an unknown field', blob('"offset":0,"length":1,"more":1')],
    ['a negative number', blob('"offset":-1,"length":1')],
    ['a number that starts with zero', blob('"offset":01,"length":1')],
    ['a number that is too large', blob('"offset":4294967296,"length":1')],
    ['a number far too large', blob(`"offset":${'9'.repeat(400)},"length":1`)],
    ['a fraction', blob('"offset":1.5,"length":1')],
    ['no number', blob('"offset":,"length":1')],
    ['no length', blob('"offset":1')],
  ])('leaves what has %s to others', (_, json) => {
    expect(contentsOf(json)).toBeNull();
  });

  it('leaves what is cut off anywhere to others', () => {
    const json = encodeIndexFile(packs);
    for (let length = 0; length < json.length - 1; length += 1) expect(contentsOf(json.subarray(0, length))).toBeNull();
  });
});
