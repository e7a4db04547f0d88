import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBlobId, type PackedBlob } from './blob.ts';
import { decodeIndexFile, encodeIndexFile } from './index-file.ts';
import { asPackId } from './blob.ts';
import { decodePackHeader, encodePackHeader, packSize } from './pack-header.ts';

const id = asBlobId('ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8');

const blobs: fc.Arbitrary<PackedBlob[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom('data' as const, 'tree' as const),
      length: fc.integer({ min: 32, max: 2 ** 24 }),
      uncompressedLength: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    }),
    { maxLength: 20 },
  )
  .map((entries) => {
    let offset = 0;
    return entries.map((entry) => {
      const blob = { ...entry, id, offset };
      offset += entry.length;
      return blob;
    });
  });

describe('pack headers', () => {
  it('writes the entry of an empty tree as restic does', () => {
    const header = encodePackHeader([{ id, type: 'tree', offset: 0, length: 54, uncompressedLength: 13 }]);
    expect(header.toString('hex')).toBe(`03360000000d000000${id}`);
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(blobs, (packed) => {
        expect(decodePackHeader(encodePackHeader(packed))).toEqual(packed);
        const stored = packed.reduce((sum, { length }) => sum + length, 0);
        expect(packSize(packed)).toBe(stored + encodePackHeader(packed).byteLength + 32 + 4);
      }),
    );
  });

  it('refuses an unknown type and an entry that is cut short', () => {
    const header = encodePackHeader([{ id, type: 'data', offset: 0, length: 54, uncompressedLength: 0 }]);
    expect(decodePackHeader(header.subarray(0, 36))).toBeNull();
    header[0] = 4;
    expect(decodePackHeader(header)).toBeNull();
  });
});

describe('index files', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(blobs, (packed) => {
        const packs = [{ id: asPackId(id), blobs: packed }];
        expect(decodeIndexFile(encodeIndexFile(packs))).toEqual(packs);
      }),
    );
  });

  it('sorts blobs by offset, ignores unknown fields and reads the bare list of restic 0.1', () => {
    const entry = (offset: number) => ({ id, type: 'data', offset, length: 40, extra: true });
    const pack = { id, blobs: [entry(40), entry(0)], time: 'x' };
    const expected = [0, 40];
    for (const file of [{ packs: [pack], packs_to_delete: [] }, [pack]]) {
      const decoded = decodeIndexFile(Buffer.from(JSON.stringify(file)));
      expect(decoded?.[0]?.blobs.map(({ offset }) => offset)).toEqual(expected);
    }
  });

  it.each(['', '{}', '{"packs":[{}]}', '{"packs":[{"id":"x","blobs":[]}]}'])('refuses %j', (text) => {
    expect(decodeIndexFile(Buffer.from(text))).toBeNull();
  });
});
