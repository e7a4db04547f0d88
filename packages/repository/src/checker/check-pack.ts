import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sealingOverhead, unseal, type SealingKey } from '../crypto/sealing.ts';
import type { PackContents, PackedBlob } from '../format/blob.ts';
import { decodePackHeader, headerLengthSize } from '../format/pack-header.ts';
import { openBlob } from '../open-blob.ts';

/** What is wrong with a pack: as a whole, and with single blobs. Reasons are the rest of a sentence. */
export interface PackFaults {
  readonly faults: readonly string[];
  readonly blobs: readonly { readonly blob: PackedBlob; readonly reason: string }[];
}

/** Bytes after which other work of the thread gets its turn, such as a pack that is being fetched. */
const longestTurn = 1024 * 1024;

/** Checks every byte of a pack against its name, its header, its index entry and the ids of its blobs. */
export async function checkPack(key: SealingKey, contents: PackContents, data: Buffer): Promise<PackFaults> {
  const faults: string[] = [];
  if (hash('sha256', data, 'hex') !== contents.id) faults.push('its content does not match its name');
  const headerFault = checkHeader(key, contents, data);
  if (headerFault !== null) faults.push(headerFault);
  const blobs: { blob: PackedBlob; reason: string }[] = [];
  let untilTurn = longestTurn;
  for (const blob of contents.blobs) {
    untilTurn -= blob.length;
    if (untilTurn < 0) {
      await nextTurn();
      untilTurn = longestTurn;
    }
    const end = blob.offset + blob.length;
    const opened =
      end > data.byteLength
        ? 'it lies beyond the end of its pack'
        : openBlob(key, blob, data.subarray(blob.offset, end), true);
    if (typeof opened === 'string') blobs.push({ blob, reason: opened });
  }
  return { faults, blobs };
}

function checkHeader(key: SealingKey, contents: PackContents, data: Buffer): string | null {
  if (data.byteLength < headerLengthSize + sealingOverhead) return 'it is too short for a header';
  const length = data.readUInt32LE(data.byteLength - headerLengthSize);
  const start = data.byteLength - headerLengthSize - length;
  if (length < sealingOverhead || start < 0) return 'the length of its header is impossible';
  const plaintext = unseal(key, data.subarray(start, start + length));
  const listed = plaintext === null ? null : decodePackHeader(plaintext);
  if (listed === null) return 'its header cannot be decrypted or decoded';
  const same =
    listed.length === contents.blobs.length &&
    contents.blobs.every((blob, at) => {
      const entry = listed[at];
      return (
        entry !== undefined &&
        entry.id === blob.id &&
        entry.type === blob.type &&
        entry.offset === blob.offset &&
        entry.length === blob.length &&
        entry.uncompressedLength === blob.uncompressedLength
      );
    });
  return same ? null : 'its header lists other blobs than the index';
}
