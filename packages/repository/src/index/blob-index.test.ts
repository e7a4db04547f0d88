import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { asBlobId, asPackId } from '../format/blob.ts';
import { encodeIndexFile } from '../format/index-file.ts';
import { scanIndexFile } from '../format/index-scanner.ts';
import { BlobIndex } from './blob-index.ts';

const idOf = (text: string) => createHash('sha256').update(text).digest();
const hexOf = (text: string) => asBlobId(idOf(text).toString('hex'));
const pack = (text: string) => asPackId(hexOf(text));

describe('the blob index', () => {
  it('finds each of many blobs, by type, through growth', () => {
    const index = BlobIndex.create();
    for (let number = 0; number < 5000; number += 1) {
      const blob = {
        id: hexOf(`blob ${number}`),
        type: 'data' as const,
        offset: number,
        length: 50,
        uncompressedLength: 7,
      };
      index.addPack({ id: pack(`pack ${number % 10}`), blobs: [blob] });
    }
    expect(index.size).toBe(5000);
    for (let number = 0; number < 5000; number += 1) {
      expect(index.find('data', hexOf(`blob ${number}`))).toMatchObject({
        offset: number,
        pack: pack(`pack ${number % 10}`),
      });
    }
    expect(index.find('tree', hexOf('blob 1'))).toBeNull();
    expect(index.find('data', hexOf('other'))).toBeNull();
  });

  it.each(['data', 'tree'] as const)('loses none to its growth, whatever the type: %s', (type) => {
    const [stored, claimed] = [BlobIndex.create(), BlobIndex.create()];
    for (let number = 0; number < 5000; number += 1) {
      const id = idOf(`blob ${number}`);
      const blob = { id: hexOf(`blob ${number}`), type, offset: number, length: 50, uncompressedLength: 7 };
      stored.addPack({ id: pack('pack'), blobs: [blob] });
      expect(claimed.claim(type, id)).toBe(true);
    }
    for (let number = 0; number < 5000; number += 1) {
      expect(stored.find(type, hexOf(`blob ${number}`))).toMatchObject({ offset: number });
      expect(claimed.has(type, hexOf(`blob ${number}`))).toBe(true);
    }
  });

  it('grants a claim once, and knows no place until the pack is stored', () => {
    const index = BlobIndex.create();
    expect(index.claim('tree', idOf('a'))).toBe(true);
    expect(index.claim('tree', idOf('a'))).toBe(false);
    expect(index.claim('data', idOf('a'))).toBe(true);
    expect(index.has('tree', hexOf('a'))).toBe(true);
    expect(index.find('tree', hexOf('a'))).toBeNull();
    index.addPack({
      id: pack('p'),
      blobs: [{ id: hexOf('a'), type: 'tree', offset: 1, length: 40, uncompressedLength: 0 }],
    });
    expect(index.find('tree', hexOf('a'))).toMatchObject({ offset: 1 });
  });

  it('numbers blobs in the order in which they became known, by type', () => {
    const index = BlobIndex.create();
    index.claim('data', idOf('0'));
    for (let number = 1; number < 3000; number += 1) expect(index.enroll('tree', hexOf(`${number}`))).toBe(number);
    expect(index.enroll('data', hexOf('7'))).toBe(3000);
    expect(index.enroll('tree', hexOf('7'))).toBe(7);
    expect(index.numberOf('data', hexOf('0'))).toBe(0);
    expect(index.numberOf('data', hexOf('8'))).toBe(-1);
    expect(index.blobAt(0)).toEqual({ type: 'data', id: hexOf('0') });
    expect(index.blobAt(2999)).toEqual({ type: 'tree', id: hexOf('2999') });
    const blob = { id: hexOf('8'), type: 'tree' as const, offset: 3, length: 40, uncompressedLength: 0 };
    index.addPack({ id: pack('p'), blobs: [blob] });
    expect(index.numberOf('tree', hexOf('8'))).toBe(8);
    expect(index.find('tree', hexOf('8'))).toMatchObject({ offset: 3 });
    expect(index.size).toBe(3001);
  });

  it('tells by number where a blob lies, also to a thread that did not see it grow', () => {
    const index = BlobIndex.create();
    const other = BlobIndex.attach(index.shared);
    index.enroll('data', hexOf('nowhere'));
    for (let number = 1; number < 3000; number += 1) {
      const blob = { id: hexOf(`${number}`), type: 'data' as const, offset: number, length: 50, uncompressedLength: 7 };
      index.addPack({ id: pack(`pack ${number}`), blobs: [blob] });
    }
    for (const number of [1, 2, 1500, 2999]) {
      for (const seen of [index, other]) {
        expect(seen.locationAt(number)).toEqual(index.find('data', hexOf(`${number}`)));
        expect(seen.packId(seen.packAt(number))).toBe(pack(`pack ${number}`));
        expect([seen.lengthAt(number), seen.uncompressedLengthAt(number)]).toEqual([50, 7]);
      }
    }
    expect(index.packAt(0)).toBe(-1);
    expect(index.locationAt(0)).toBeNull();
  });

  it('keeps every copy of a blob', () => {
    const index = BlobIndex.create();
    const blob = { id: hexOf('a'), type: 'data' as const, offset: 0, length: 40, uncompressedLength: 0 };
    for (const name of ['p', 'q', 'r']) index.addPack({ id: pack(name), blobs: [blob] });
    expect(index.findAll('data', hexOf('a')).map((location) => location.pack)).toEqual(['p', 'q', 'r'].map(pack));
    expect(index.size).toBe(1);
  });

  it('takes what was scanned as it takes packs, copies and claimed blobs too', () => {
    const packs = Array.from({ length: 300 }, (_, number) => ({
      id: pack(`pack ${number}`),
      blobs: [0, 1, 2, 3, 4].map((at) => ({
        // Every tenth blob lies in the pack before as well.
        id: hexOf(`blob ${(number - (at === 0 && number % 2 === 1 ? 1 : 0)) * 5 + at}`),
        type: number % 3 === 0 ? ('tree' as const) : ('data' as const),
        offset: at * 10,
        length: 10,
        uncompressedLength: at,
      })),
    }));
    const [scanned, added] = [BlobIndex.create(), BlobIndex.create()];
    const other = BlobIndex.attach(scanned.shared);
    for (const index of [scanned, added]) index.claim('data', idOf('blob 6'));
    for (const half of [packs.slice(0, 100), packs.slice(100)]) {
      const contents = scanIndexFile(encodeIndexFile(half));
      if (contents === null) throw new Error('it is scanned');
      scanned.addCopies(scanned.addScanned(contents, 10_000));
      for (const one of half) added.addPack(one);
    }
    expect(scanned.size).toBe(added.size);
    for (const { blobs } of packs) {
      for (const { type, id } of blobs) {
        expect(scanned.findAll(type, id)).toEqual(added.findAll(type, id));
        expect(other.find(type, id)).toEqual(added.find(type, id));
        expect(other.blobAt(other.numberOf(type, id))).toEqual({ type, id });
      }
    }
  });

  it('grants each claim to one of several threads', async () => {
    const index = BlobIndex.create();
    const entry = new URL('../../test/claim-worker.ts', import.meta.url);
    const claims = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise<number>((resolve, reject) => {
            const worker = new Worker(entry, { workerData: { shared: index.shared, blobs: 20_000 } });
            worker.on('message', resolve);
            worker.on('error', reject);
          }),
      ),
    );
    expect(claims.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    expect(index.size).toBe(20_000);
  });
});
