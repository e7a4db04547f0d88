import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBlobId } from '../format/blob.ts';
import type { WantedBlob } from './restore-messages.ts';
import type { TargetFile } from './restore-plan.ts';
import { decodeWantedBlobs, encodeWantedBlobs } from './wanted-blobs.ts';

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const time = fc.oneof(
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, -(2n ** 63n), -(2n ** 64n)),
  fc.bigInt({ min: -62_167_305_600_000_000_000n, max: 253_402_387_199_999_999_999n }),
);
const files = (folders: readonly Buffer[]): fc.Arbitrary<TargetFile> =>
  fc.record({
    folder: fc.constantFrom(...folders),
    name: bytes,
    number: uint32,
    size: fc.maxSafeNat(),
    metadata: fc.record({
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.maxSafeNat(),
      gid: uint32,
      atimeNs: time,
      mtimeNs: time,
      attributes: fc.array(fc.record({ name: bytes, value: bytes }), { maxLength: 2 }),
    }),
  });
/** Few folders and few files, so that neighbours share them. */
const wanted: fc.Arbitrary<WantedBlob[]> = fc
  .array(bytes, { minLength: 1, maxLength: 3 })
  .chain((folders) => fc.array(files(folders), { minLength: 1, maxLength: 4 }))
  .chain((some) =>
    fc.array(
      fc.record({
        blob: fc.record({
          id: fc.stringMatching(/^[0-9a-f]{64}$/).map(asBlobId),
          type: fc.constantFrom('data', 'tree'),
          offset: uint32,
          length: uint32,
          uncompressedLength: uint32,
        }),
        uses: fc.array(fc.record({ file: fc.constantFrom(...some), offset: fc.maxSafeNat() }), { maxLength: 4 }),
      }),
    ),
  );

describe('wanted blobs', () => {
  it('are the same after the way to a thread', () => {
    fc.assert(
      fc.property(wanted, (blobs) => {
        expect(decodeWantedBlobs(encodeWantedBlobs(blobs))).toEqual(blobs);
      }),
    );
  });

  it('may be many, for many files', () => {
    const metadata = { mode: 0o644, uid: 1000, gid: 1000, atimeNs: 1n, mtimeNs: 2n, attributes: [] };
    const blobs: WantedBlob[] = Array.from({ length: 5000 }, (_, number) => ({
      blob: {
        id: asBlobId('0123456789abcdef'.repeat(4)),
        type: 'data',
        offset: number,
        length: 1,
        uncompressedLength: 0,
      },
      uses: [
        { file: { folder: Buffer.from('a/b'), name: Buffer.from(`${number}`), number, size: 1, metadata }, offset: 0 },
      ],
    }));
    expect(decodeWantedBlobs(encodeWantedBlobs(blobs))).toEqual(blobs);
  });
});
