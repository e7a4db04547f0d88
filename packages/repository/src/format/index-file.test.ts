import { describe, expect, it } from 'vitest';
import { asBlobId, asPackId } from './blob.ts';
import { decodeIndexFile, decodeIndexFileWithMarks, encodeIndexFile } from './index-file.ts';

const id = (digit: string) => digit.repeat(64);
const pack = {
  id: asPackId(id('a')),
  blobs: [
    { id: asBlobId(id('1')), type: 'tree' as const, offset: 0, length: 261, uncompressedLength: 352 },
    { id: asBlobId(id('2')), type: 'data' as const, offset: 261, length: 50, uncompressedLength: 0 },
  ],
};
const marked = { ...pack, id: asPackId(id('b')), markedAt: Date.UTC(2026, 0, 1), size: null };
const unlisted = { id: asPackId(id('c')), blobs: [], markedAt: null, size: 77 };

describe('an index file', () => {
  it('has the form that restic writes, and rustic where packs are marked', () => {
    const listed = `"blobs":[{"id":"${id('1')}","type":"tree","offset":0,"length":261,"uncompressed_length":352},{"id":"${id('2')}","type":"data","offset":261,"length":50}]`;
    expect(encodeIndexFile([pack]).toString()).toBe(`{"packs":[{"id":"${id('a')}",${listed}}]}\n`);
    expect(encodeIndexFile([], [marked, unlisted]).toString()).toBe(
      `{"packs":[],"packs_to_delete":[{"id":"${id('b')}",${listed},"time":"2026-01-01T00:00:00.000Z"},{"id":"${id('c')}","blobs":[],"size":77}]}\n`,
    );
  });

  it('is read as it was written; marked packs are not in the index', () => {
    const json = encodeIndexFile([pack], [marked, unlisted]);
    expect(decodeIndexFile(json)).toEqual([pack]);
    expect(decodeIndexFileWithMarks(json)).toEqual({ packs: [pack], marked: [marked, unlisted] });
    expect(decodeIndexFileWithMarks(encodeIndexFile([pack]))).toEqual({ packs: [pack], marked: [] });
  });

  it.each(['0000-01-01T00:00:00+14:00', '1969-12-31T23:59:59Z', '9999-12-31T23:59:59-01:00', 'soon', 7])(
    'knows no time for a pack that was marked at %j, which can be written again',
    (time) => {
      const json = { packs: [], packs_to_delete: [{ id: pack.id, blobs: [], time }] };
      const decoded = decodeIndexFileWithMarks(Buffer.from(JSON.stringify(json)));
      expect(decoded?.marked).toEqual([{ id: pack.id, blobs: [], markedAt: null, size: null }]);
    },
  );

  it('is read in the forms of other programs: unknown fields, blobs in any order, the bare list of restic 0.1', () => {
    const [tree, data] = pack.blobs;
    const blobs = [data, tree].map((blob) => ({ ...blob, uncompressed_length: blob?.uncompressedLength, more: 1 }));
    const entry = { id: pack.id, blobs, time: '2026-01-01T00:00:00Z', size: 5 };
    expect(decodeIndexFile(Buffer.from(JSON.stringify({ supersedes: [], packs: [entry] })))).toEqual([pack]);
    expect(decodeIndexFileWithMarks(Buffer.from(JSON.stringify([entry])))).toEqual({ packs: [pack], marked: [] });
  });

  it.each([
    '',
    '{}',
    '{"packs":{}}',
    '{"packs":[],"packs_to_delete":1}',
    '{"packs":[],"packs_to_delete":[{}]}',
    `{"packs":[{"id":"x","blobs":[]}]}`,
    `{"packs":[{"id":"${id('a')}","blobs":[{"id":"${id('1')}","type":"tree","offset":-1,"length":1}]}]}`,
  ])('is refused: %s', (json) => {
    expect(decodeIndexFileWithMarks(Buffer.from(json))).toBeNull();
  });
});
