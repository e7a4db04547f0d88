import { asBlobId, asPackId, type PackContents } from '../src/format/blob.ts';
import { scanIndexFile, scannedWords } from '../src/format/index-scanner.ts';

/** What `scanIndexFile` reads of an index file, as `decodeIndexFile` has it but in the order of the file; null when it does not. */
export function scannedPacks(json: Buffer): PackContents[] | null {
  const scanned = scanIndexFile(json);
  if (scanned === null) return null;
  const { packCount, packs, packEnds, ids, words } = scanned;
  const hex = (bytes: Uint8Array, at: number) => Buffer.from(bytes.slice(at * 32, at * 32 + 32)).toString('hex');
  return Array.from({ length: packCount }, (_, pack) => {
    const start = pack === 0 ? 0 : (packEnds[pack - 1] ?? 0);
    const blobs = Array.from({ length: (packEnds[pack] ?? 0) - start }, (__, at) => {
      const blob = start + at;
      const [tree, offset = 0, length = 0, uncompressedLength = 0] = words.slice(blob * scannedWords);
      const type = tree === 1 ? ('tree' as const) : ('data' as const);
      return { id: asBlobId(hex(ids, blob)), type, offset, length, uncompressedLength };
    });
    return { id: asPackId(hex(packs, pack)), blobs };
  });
}
