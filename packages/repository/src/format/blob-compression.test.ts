import { randomBytes } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressBlob, decompressBlob } from './blob-compression.ts';
import { compressionParameters } from './compression.ts';
import { createCompressionContext, createDecompressionContext } from './zstd-context.ts';

const text = Buffer.from('a line of text that repeats\n'.repeat(500));

function blobs(): Buffer[] {
  const sizes = [1, 2, 100, 4095, 70_000, 1_000_000, 8 * 1024 * 1024];
  return sizes.flatMap((size) => [Buffer.alloc(size, text), randomBytes(size), Buffer.alloc(size)]);
}

describe('blobs that one context compresses and decompresses one after the other', () => {
  it('has such contexts on the Node of the project', () => {
    expect(createCompressionContext()).not.toBeNull();
    expect(createDecompressionContext()).not.toBeNull();
  });

  it('makes the frames that calls of their own make, and reads them', () => {
    for (const blob of blobs()) {
      const frame = Buffer.from(compressBlob(blob, true) ?? []);
      expect(frame.equals(zstdCompressSync(blob, compressionParameters))).toBe(true);
      expect(zstdDecompressSync(frame).equals(blob)).toBe(true);
      expect(decompressBlob(frame, blob.byteLength)?.equals(blob)).toBe(true);
    }
  });

  it('reads into memory that it uses again only where asked to', () => {
    const frames = blobs().map((blob) => ({ blob, frame: Buffer.from(compressBlob(blob, true) ?? []) }));
    const kept = frames.map(({ blob, frame }) => decompressBlob(frame, blob.byteLength));
    for (const { blob, frame } of frames) {
      const read = decompressBlob(frame, blob.byteLength, true);
      expect(read?.equals(blob)).toBe(true);
      expect(decompressBlob(frame, blob.byteLength, true)?.buffer).toBe(read?.buffer);
    }
    for (const [at, { blob }] of frames.entries()) expect(kept[at]?.equals(blob)).toBe(true);
  });

  it('gives up what does not shrink, unless it must', () => {
    const noise = randomBytes(5000);
    expect(compressBlob(noise, false)).toBeNull();
    expect(compressBlob(noise, true)?.byteLength).toBeGreaterThan(5000);
    expect(compressBlob(text, false)?.byteLength).toBeLessThan(text.byteLength / 10);
  });

  it('refuses a frame that is cut off anywhere, and reads the next as if nothing had been', () => {
    const frame = Buffer.from(compressBlob(text, true) ?? []);
    for (let length = 0; length < frame.byteLength; length += 1) {
      expect(decompressBlob(frame.subarray(0, length), text.byteLength)).toBeNull();
      expect(decompressBlob(frame, text.byteLength)?.equals(text)).toBe(true);
    }
  });

  it('refuses a frame of another length, and noise', () => {
    const frame = Buffer.from(compressBlob(text, true) ?? []);
    for (const length of [0, 1, text.byteLength - 1, text.byteLength + 1, text.byteLength * 2]) {
      expect(decompressBlob(frame, length)).toBeNull();
    }
    expect(decompressBlob(randomBytes(1000), 1000)).toBeNull();
    expect(decompressBlob(frame, text.byteLength)?.equals(text)).toBe(true);
  });

  it('refuses a length that no content of that size can have, without taking memory for it', () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    const frame = Buffer.from(compressBlob(zeros, true) ?? []);
    expect(decompressBlob(frame, zeros.byteLength)?.equals(zeros)).toBe(true);
    expect(decompressBlob(Buffer.from(compressBlob(text, true) ?? []), 0xffff_ffff)).toBeNull();
  });
});
