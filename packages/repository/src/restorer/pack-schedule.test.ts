import { describe, expect, it } from 'vitest';
import { sealingOverhead } from '../crypto/sealing.ts';
import { asBlobId, asPackId, hashBytes, type BlobId } from '../format/blob.ts';
import { BlobIndex } from '../index/blob-index.ts';
import { PackSchedule, type PackJob } from './pack-schedule.ts';
import type { PlannedFile } from './restore-plan.ts';

const idOf = (text: string): BlobId => asBlobId(hashBytes(Buffer.from(text)).toString('hex'));
const pack = (name: string) => asPackId(idOf(name));
const metadata = { mode: 0o644, uid: 0, gid: 0, atimeNs: 0n, mtimeNs: 0n, attributes: [] };

/** Packs by name and the blobs they hold, each of 10 bytes. */
function indexOf(packs: Readonly<Record<string, readonly string[]>>): BlobIndex {
  const index = BlobIndex.create();
  for (const [name, blobs] of Object.entries(packs)) {
    const length = 10 + sealingOverhead;
    const entries = blobs.map((blob, at) => ({ id: idOf(blob), offset: at * length, length, uncompressedLength: 0 }));
    index.addPack({ id: pack(name), blobs: entries.map((entry) => ({ ...entry, type: 'data' })) });
  }
  return index;
}

function fileOf(index: BlobIndex, number: number, blobs: readonly string[]): PlannedFile {
  const content = blobs.map((blob) => index.enroll('data', idOf(blob)));
  return {
    folder: Buffer.alloc(0),
    name: Buffer.from(`${number}`),
    number,
    size: content.length * 10,
    content,
    metadata,
  };
}

/** Jobs as a test writes them down: of each the pack, and of each of its blobs the uses as file and offset. */
function shownJobs(jobs: readonly PackJob[]): unknown {
  return jobs.map((job) => [
    job.pack,
    job.blobs().map(({ blob, uses }) => [blob.id, ...uses.map(({ file, offset }) => `${file.number} at ${offset}`)]),
  ]);
}

describe('a pack schedule', () => {
  it('visits each pack once and fetches each blob once, in the order in which files need them', () => {
    const index = indexOf({ p: ['a', 'b'], q: ['c', 'd'] });
    const schedule = new PackSchedule(index);
    schedule.add(fileOf(index, 0, ['c', 'a', 'c']), null);
    schedule.add(fileOf(index, 1, ['b', 'a']), null);
    schedule.add(fileOf(index, 2, []), null);
    expect(shownJobs(schedule.jobs())).toEqual([
      [pack('q'), [[idOf('c'), '0 at 0', '0 at 20']]],
      [
        pack('p'),
        [
          [idOf('a'), '0 at 10', '1 at 10'],
          [idOf('b'), '1 at 0'],
        ],
      ],
    ]);
  });

  it('takes only the positions that are wanted', () => {
    const index = indexOf({ p: ['a', 'b'], q: ['c', 'd'] });
    const schedule = new PackSchedule(index);
    schedule.add(fileOf(index, 0, ['a', 'b', 'a', 'd']), [1, 2]);
    schedule.add(fileOf(index, 1, ['a', 'd']), []);
    expect(shownJobs(schedule.jobs())).toEqual([
      [
        pack('p'),
        [
          [idOf('b'), '0 at 10'],
          [idOf('a'), '0 at 20'],
        ],
      ],
    ]);
  });

  it('goes on with the next copy of a damaged blob, and says which files are lost when there is none', () => {
    const index = indexOf({ p: ['a', 'b', 'c'], q: ['a', 'b'], r: ['a'] });
    const schedule = new PackSchedule(index);
    schedule.add(fileOf(index, 0, ['a', 'b']), null);
    schedule.add(fileOf(index, 1, ['b', 'c']), null);
    expect(schedule.jobs().map((job) => job.pack)).toEqual([pack('p')]);
    const second = schedule.afterDamage([idOf('c'), idOf('b'), idOf('a')]);
    expect(shownJobs(second.jobs)).toEqual([
      [
        pack('q'),
        [
          [idOf('a'), '0 at 0'],
          [idOf('b'), '0 at 10', '1 at 0'],
        ],
      ],
    ]);
    expect([...second.lost].map(([id, files]) => [id, files.map(({ number }) => number)])).toEqual([[idOf('c'), [1]]]);
    const third = schedule.afterDamage([idOf('a'), idOf('b')]);
    expect(shownJobs(third.jobs)).toEqual([[pack('r'), [[idOf('a'), '0 at 0']]]]);
    expect([...third.lost].map(([id, files]) => [id, files.map(({ number }) => number)])).toEqual([
      [idOf('b'), [0, 1]],
    ]);
    expect([...schedule.afterDamage([idOf('a')]).lost.keys()]).toEqual([idOf('a')]);
  });

  it('refuses a file with a blob that no pack holds', () => {
    const index = indexOf({ p: ['a'] });
    expect(() => {
      new PackSchedule(index).add(fileOf(index, 0, ['a', 'x']), null);
    }).toThrow(`its data blob ${idOf('x')} is in no index`);
  });
});
