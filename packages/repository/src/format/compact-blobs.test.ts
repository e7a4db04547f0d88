import { describe, expect, it } from 'vitest';
import { asBlobId, type PackedBlob } from './blob.ts';
import { CompactBlobs } from './compact-blobs.ts';

const blobs = Array.from({ length: 700 }, (_, number): PackedBlob => {
  const id = asBlobId(number.toString(16).padStart(64, '0'));
  const type = number % 3 === 0 ? 'tree' : 'data';
  return { id, type, offset: number * 1000, length: 2 ** 32 - 1 - number, uncompressedLength: number % 2 };
});

function listOf(packed: readonly PackedBlob[]): CompactBlobs {
  const list = new CompactBlobs();
  for (const { id, type, offset, length, uncompressedLength } of packed) {
    list.append(Buffer.from(id, 'hex'), type, offset, length, uncompressedLength);
  }
  return list;
}

describe('compact blobs', () => {
  it.each([0, 1, 256, 700])('give %i blobs back as they were added', (count) => {
    const list = listOf(blobs.slice(0, count));
    expect(list).toHaveLength(count);
    expect([...list]).toEqual(blobs.slice(0, count));
  });

  it('go to another thread with their memory, and can grow there', () => {
    const { words } = listOf(blobs.slice(0, 600));
    const received = new CompactBlobs(structuredClone(words, { transfer: [words.buffer] }));
    expect(words).toHaveLength(0);
    const more = blobs[600];
    if (more === undefined) throw new Error('there are more blobs');
    received.append(Buffer.from(more.id, 'hex'), more.type, more.offset, more.length, more.uncompressedLength);
    expect([...received]).toEqual(blobs.slice(0, 601));
    expect(received.idAt(5).toString('hex')).toBe(blobs[5]?.id);
  });
});
