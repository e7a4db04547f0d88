import { closeSync, ftruncateSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { restore } from '../src/restorer/restore.ts';
import { newRepository } from './crafted-repository.ts';
import { runRestic } from './stock-restic.ts';

const MiB = 1024 * 1024;

/** Bytes of xorshift32, which do not repeat: enough content for many chunks, made in no time. */
function noise(size: number, seed: number): Buffer {
  const words = new Uint32Array(size / 4);
  let state = seed;
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer);
}

/** A file of which only some parts were ever written. */
function writeSparse(path: string, size: number, parts: readonly (readonly [number, Buffer])[]): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (const [offset, data] of parts) writeSync(file, data, 0, data.length, offset);
  closeSync(file);
}

describe('a large file, read by several threads', () => {
  it.skipIf(!hasTool('restic'))('has the chunks that restic makes, holes and all', async () => {
    const folder = temporaryDirectoryForTest('large-file');
    const source = join(folder, 'source');
    mkdirSync(source);
    const content = noise(80 * MiB, 12_345);
    writeFileSync(join(source, 'noise'), content);
    writeFileSync(join(source, 'again'), content.subarray(3 * MiB + 17));
    writeFileSync(join(source, 'zeros'), Buffer.alloc(33 * MiB));
    writeSparse(join(source, 'sparse'), 400 * MiB + 123, [
      [5 * MiB + 4096, content.subarray(0, 2 * MiB)],
      [130 * MiB, content.subarray(MiB, 10 * MiB)],
      [400 * MiB - 4096, Buffer.from('near the end')],
    ]);
    writeSparse(join(source, 'hole'), 1000 * MiB, []);
    const repository = await newRepository(folder);
    const { snapshot_id: snapshot, skipped_count: skipped } = await backup(repository, { source, parent: null });
    expect(skipped).toBe(0);

    const { stdout, status } = await runRestic(join(folder, 'repository'), 'backup', '--json', '--force', source);
    expect(status).toBe(0);
    const summary = stdout.split('\n').find((line) => line.includes('"summary"')) ?? '{}';
    expect(JSON.parse(summary)).toMatchObject({ data_blobs: 0 });
    expect(await runRestic(join(folder, 'repository'), 'check', '--read-data')).toMatchObject({ status: 0 });
    const target = join(folder, 'target');
    const restored = await restore(repository, { snapshot, folder: source, target });
    expect(restored).toMatchObject({ skipped_count: 0, files_verified: 5 });
  });

  it('that becomes shorter while it is read is taken in its last state', async () => {
    const folder = temporaryDirectoryForTest('large-file');
    const source = join(folder, 'source');
    mkdirSync(source);
    const path = join(source, 'log');
    writeFileSync(path, noise(160 * MiB, 99));
    const repository = await newRepository(folder);
    let cut = false;
    const result = await backup(repository, {
      source,
      parent: null,
      onProgress: ({ bytes_done: done }) => {
        if (cut || done < 8 * MiB) return;
        cut = true;
        truncateSync(path, 40 * MiB);
      },
    });
    expect(cut).toBe(true);
    expect(result).toMatchObject({ skipped_count: 0, bytes_processed: 40 * MiB, files_new: 1 });
    const target = join(folder, 'target');
    expect(await restore(repository, { snapshot: result.snapshot_id, folder: source, target })).toMatchObject({
      files_verified: 1,
    });
  });
});
