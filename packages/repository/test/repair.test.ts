import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import {
  temporaryDirectory,
  temporaryDirectoryForTest,
  type TemporaryDirectory,
} from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backup } from '../src/archiver/backup.ts';
import { check } from '../src/checker/check.ts';
import { asPackId } from '../src/format/blob.ts';
import { decodeIndexFile, encodeIndexFile } from '../src/format/index-file.ts';
import { applyIndexRepair, planIndexRepair } from '../src/repairer/repair-index.ts';
import { applyPackRepair, planPackRepair } from '../src/repairer/repair-packs.ts';
import { indexRepairPlan, packRepairPlan, snapshotRepairPlan } from '../src/repairer/repair-plan.ts';
import { applySnapshotRepair, planSnapshotRepair } from '../src/repairer/repair-snapshots.ts';
import { openBlob } from '../src/open-blob.ts';
import { listSnapshots, loadSnapshot } from '../src/snapshots.ts';
import {
  contentOf,
  copyFixture,
  damages,
  expectRestorable,
  expectResticContent,
  filesOf,
  flipBit,
  largestOf,
  makeFixture,
  packsOf,
  reopen,
  restoredContent,
  type Fixture,
} from './damaged-repository.ts';
import { fileNode, storeBlobs, storeTree } from './crafted-repository.ts';

describe.skipIf(!hasTool('restic'))('a repair', () => {
  let original: TemporaryDirectory;
  let whole: Fixture;
  let fixture: Fixture;
  const folder = () => fixture.folder;

  beforeAll(async () => {
    original = temporaryDirectory('repair');
    whole = await makeFixture(original.path);
  });

  afterAll(() => {
    original.remove();
  });

  beforeEach(async () => {
    fixture = await copyFixture(whole, temporaryDirectoryForTest('repair'));
  });

  const codes = async (): Promise<string[]> => {
    const { findings } = await check(await reopen(fixture), { readData: true });
    return [...new Set(findings.map(({ code, severity }) => `${severity} ${code}`))].sort();
  };

  describe('of the index', () => {
    const repairIndex = async (readAllPacks = false) => {
      const repository = await reopen(fixture);
      const plan = await planIndexRepair(repository, { readAllPacks });
      expect(indexRepairPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      return { plan, result: await applyIndexRepair(repository, plan) };
    };

    it('has nothing to do in a whole repository, and writes nothing', async () => {
      const before = filesOf(fixture.location, 'index');
      const { plan, result } = await repairIndex();
      expect(plan).toMatchObject({ unreadable: [], missing: [], read: [], unusable: [] });
      expect(result).toMatchObject({ index_files_removed: [], packs_listed: 0, packs_dropped: 0 });
      expect(filesOf(fixture.location, 'index')).toEqual(before);
    });

    it.each(Object.entries(damages))('mends %s of an index file', async (_what, damage) => {
      damage(largestOf(fixture.location, 'index'));
      const { plan } = await repairIndex();
      expect(plan.read.length).toBeGreaterThan(0);
      expect(await codes()).toEqual([]);
      await expectResticContent(fixture.location);
      await expectRestorable(fixture.location, fixture.points, folder());
      expect((await repairIndex()).plan.read).toEqual([]);
    });

    it('makes it anew when all of it is lost, and on request', async () => {
      for (const path of filesOf(fixture.location, 'index')) rmSync(path);
      const { result } = await repairIndex();
      expect(result.packs_listed).toBe(filesOf(fixture.location, 'data').length);
      expect(await codes()).toEqual([]);
      const again = await repairIndex(true);
      expect(again.plan.read).toHaveLength(result.packs_listed);
      expect(again.result.index_files_removed).toHaveLength(1);
      await expectResticContent(fixture.location);
      await expectRestorable(fixture.location, fixture.points, folder());
    });

    it('lists what two files describe differently as the pack says', async () => {
      const { repository } = fixture;
      const [name = ''] = await repository.listNames('index');
      const packs = decodeIndexFile(await repository.loadUnpacked('index', name)) ?? [];
      const wrong = packs.map((pack) => ({ ...pack, blobs: pack.blobs.slice(1) }));
      await repository.saveUnpacked('index', encodeIndexFile(wrong));
      expect(await codes()).toContain('error INDEX_DISAGREES');
      await repairIndex();
      expect(await codes()).toEqual([]);
      await expectResticContent(fixture.location);
    });

    it('drops packs that are gone and keeps those that it cannot read', async () => {
      const [gone = '', cut = ''] = filesOf(fixture.location, 'data');
      rmSync(gone);
      damages['a cut end'](cut);
      const { plan, result } = await repairIndex();
      expect(plan.missing).toEqual([basename(gone)]);
      expect(plan.unusable).toEqual([expect.objectContaining({ id: basename(cut) })]);
      expect(result.packs_dropped).toBe(1);
      expect(await codes()).toEqual(expect.arrayContaining(['error BLOB_MISSING', 'error PACK_SIZE_WRONG']));
    });

    it('refuses a plan when meanwhile more would be dropped than it says, and one of another repository', async () => {
      const { repository } = fixture;
      const plan = await planIndexRepair(repository);
      rmSync(largestOf(fixture.location, 'data'));
      await expect(applyIndexRepair(repository, plan)).rejects.toMatchObject({ code: 'PLAN_STALE' });
      const foreign = { ...plan, repository_id: 'f'.repeat(64) };
      await expect(applyIndexRepair(repository, foreign)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    });
  });

  describe('of packs', () => {
    const repairPacks = async (options: Parameters<typeof planPackRepair>[1] = {}) => {
      const repository = await reopen(fixture);
      const plan = await planPackRepair(repository, options);
      expect(packRepairPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      return { plan, result: await applyPackRepair(repository, plan) };
    };

    it('has nothing to do in a whole repository', async () => {
      const { plan, result } = await repairPacks({ readData: true });
      expect(plan).toMatchObject({ packs: [], touched: { points: [], affected: [] } });
      expect(result).toMatchObject({ packs_removed: [], packs_added: 0 });
    });

    it('saves what is whole in a pack with a damaged blob, and says what is lost and where', async () => {
      flipBit(largestOf(fixture.location, 'data'), 1000);
      const { plan, result } = await repairPacks({ readData: true });
      expect(plan.packs).toHaveLength(1);
      expect(plan.packs[0]?.lost).toHaveLength(1);
      expect(plan.packs[0]?.salvaged).toBeGreaterThan(0);
      expect(plan.touched.affected.length).toBeGreaterThan(0);
      expect(plan.touched.affected.every((path) => path.endsWith('/large'))).toBe(true);
      expect(result).toMatchObject({ packs_removed: [plan.packs[0]?.id], blobs_lost: 1 });
      expect(await codes()).toEqual(['error BLOB_MISSING']);
    });

    it('replaces a pack whose header alone is damaged without a loss', async () => {
      const path = largestOf(fixture.location, 'data');
      flipBit(path, readFileSync(path).length - 20);
      const { plan } = await repairPacks({ readData: true });
      expect(plan.packs).toEqual([expect.objectContaining({ lost: [] })]);
      expect(await codes()).toEqual([]);
      await expectResticContent(fixture.location);
      await expectRestorable(fixture.location, fixture.points, folder());
    });

    it('finds a pack that is cut or gone, and a tree that cannot be read, without reading all data', async () => {
      const [trees = ''] = await packsOf(fixture, 'tree');
      const [cut = '', gone = ''] = await packsOf(fixture, 'data');
      flipBit(trees, 20);
      damages['a cut end'](cut);
      rmSync(gone);
      const plan = await planPackRepair(await reopen(fixture));
      expect(plan.packs.map(({ id }) => id).sort()).toEqual([trees, cut, gone].map((path) => basename(path)).sort());
    });

    it('takes packs by name, and leaves those that are whole', async () => {
      const ids = filesOf(fixture.location, 'data').map((path) => asPackId(basename(path)));
      flipBit(largestOf(fixture.location, 'data'), 1000);
      const plan = await planPackRepair(await reopen(fixture), { packs: ids });
      expect(plan.packs.map(({ id }) => id)).toEqual([basename(largestOf(fixture.location, 'data'))]);
      const unknown = planPackRepair(await reopen(fixture), { packs: [asPackId('f'.repeat(64))] });
      await expect(unknown).rejects.toMatchObject({ code: 'PACK_UNKNOWN' });
    });

    it('stores nothing again that another pack holds whole', async () => {
      const { repository } = fixture;
      await storeBlobs(repository, 'data', [Buffer.from('the same in both')]);
      const path = largestOf(fixture.location, 'data');
      rmSync(path);
      const { plan } = await repairPacks();
      expect(plan.packs[0]?.elsewhere).toBe(1);
    });

    it('takes from a pack that a prune has marked for deletion what is nowhere else', async () => {
      const { repository } = fixture;
      const [pack = ''] = await packsOf(fixture, 'data');
      for (const name of await repository.listNames('index')) {
        const packs = decodeIndexFile(await repository.loadUnpacked('index', name)) ?? [];
        const marked = packs.filter(({ id }) => id === basename(pack));
        if (marked.length === 0) continue;
        // The same blobs once more in another pack, which is damaged, while the whole one is marked.
        const plaintexts: Buffer[] = [];
        for (const blob of marked.flatMap(({ blobs }) => blobs)) {
          const opened = openBlob(
            repository.key,
            blob,
            readFileSync(pack).subarray(blob.offset, blob.offset + blob.length),
          );
          if (typeof opened !== 'string') plaintexts.push(opened);
        }
        const before = new Set(filesOf(fixture.location, 'data'));
        await storeBlobs(repository, 'data', plaintexts);
        for (const path of filesOf(fixture.location, 'data')) if (!before.has(path)) rmSync(path);
        const rest = packs.filter(({ id }) => id !== basename(pack));
        await repository.saveUnpacked(
          'index',
          encodeIndexFile(
            rest,
            marked.map((one) => ({ ...one, markedAt: 0, size: null })),
          ),
        );
        await repository.storage.delete('index', name);
      }
      expect(await codes()).toContain('error PACK_MISSING');
      const { plan } = await repairPacks();
      expect(plan.packs.flatMap(({ lost }) => lost)).toEqual([]);
      expect(await codes()).toEqual([]);
      await expectRestorable(fixture.location, fixture.points, folder());
      // The mark is still there: an index repair leaves the pack to the prune.
      expect((await planIndexRepair(await reopen(fixture))).read).toEqual([]);
      expect((await planIndexRepair(await reopen(fixture), { readAllPacks: true })).read.map(({ id }) => id)).toContain(
        basename(pack),
      );
    });

    it('gives way to an index repair while an index file cannot be read', async () => {
      flipBit(largestOf(fixture.location, 'index'), 40);
      await expect(planPackRepair(await reopen(fixture))).rejects.toMatchObject({ code: 'INDEX_DAMAGED' });
    });

    it('refuses a plan when more is lost than it says, and leaves a pack that is whole after all', async () => {
      const path = largestOf(fixture.location, 'data');
      const before = readFileSync(path);
      flipBit(path, 1000);
      const repository = await reopen(fixture);
      const plan = await planPackRepair(repository, { readData: true });
      const other = { ...plan, packs: plan.packs.map((pack) => ({ ...pack, lost: [] })) };
      await expect(applyPackRepair(repository, other)).rejects.toMatchObject({ code: 'PLAN_STALE' });
      expect(readFileSync(path).length).toBe(before.length);
      writeFileSync(path, before);
      expect(await applyPackRepair(repository, plan)).toMatchObject({
        packs_whole: [basename(path)],
        packs_removed: [],
      });
      await expectRestorable(fixture.location, fixture.points, folder());
    });

    it('lets the next backup store again what was lost', async () => {
      const path = largestOf(fixture.location, 'data');
      flipBit(path, 1000);
      await repairPacks({ readData: true });
      for (const source of new Set(fixture.points.map((point) => point.source))) {
        await backup(await reopen(fixture), { source, parent: null });
      }
      expect(await codes()).toEqual([]);
      await expectResticContent(fixture.location);
      await expectRestorable(fixture.location, fixture.points, folder());
    });
  });

  describe('of snapshots', () => {
    const repairSnapshots = async (removeDamaged = false) => {
      const repository = await reopen(fixture);
      const plan = await planSnapshotRepair(repository, { removeDamaged });
      expect(snapshotRepairPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      return { plan, result: await applySnapshotRepair(repository, plan) };
    };
    const losePack = async (path: string) => {
      rmSync(path);
      const repository = await reopen(fixture);
      await applyPackRepair(repository, await planPackRepair(repository));
    };

    it('has nothing to do in a whole repository', async () => {
      const { plan, result } = await repairSnapshots(true);
      expect(plan).toMatchObject({ repaired: [], beyond_repair: [] });
      expect(result).toEqual({ repaired: [], removed: [], put_off: [] });
    });

    it('keeps the rest, names what is lost, and leaves a repository in which restic finds nothing wrong', async () => {
      await losePack(largestOf(fixture.location, 'data'));
      expect(await codes()).toEqual(['error BLOB_MISSING']);
      const { plan, result } = await repairSnapshots(true);
      expect(plan.repaired.length).toBeGreaterThan(0);
      for (const repaired of plan.repaired) {
        const point = fixture.points.find(({ id }) => id === repaired.snapshot_id);
        if (point === undefined) throw new Error('the plan names a point');
        expect(repaired.lost_files).toBe(repaired.lost.length);
        const to = result.repaired.find(({ from }) => from === point.id)?.to;
        if (to === undefined) throw new Error('the point was repaired');
        const repository = await reopen(fixture);
        const snapshot = await loadSnapshot(repository, to);
        expect(snapshot).toMatchObject({ original: point.id, tags: [expect.stringMatching(/^of /), 'repaired'] });
        const expected = contentOf(point.content);
        for (const { path } of repaired.lost) expected.delete(path.slice(point.source.length + 1));
        expect(await restoredContent(fixture.location, to, point.source, folder())).toEqual(expected);
      }
      expect(Math.max(...plan.repaired.map((one) => one.lost_bytes))).toBeGreaterThanOrEqual(700_000);
      expect(result.removed).toEqual(plan.repaired.map((one) => one.snapshot_id));
      expect(await codes()).toEqual([]);
      await expectResticContent(fixture.location);
      const untouched = fixture.points.filter(({ id }) => !plan.repaired.some((one) => one.snapshot_id === id));
      await expectRestorable(fixture.location, untouched, folder());
    });

    it('puts the repaired snapshot beside the damaged one once, however often it is applied', async () => {
      await losePack(largestOf(fixture.location, 'data'));
      const first = await repairSnapshots();
      expect(first.plan.repaired.every((one) => one.repaired_before === null)).toBe(true);
      const second = await repairSnapshots();
      expect(second.result.repaired).toEqual(first.result.repaired);
      expect(second.plan.repaired.map((one) => one.repaired_before)).toEqual(first.result.repaired.map(({ to }) => to));
      expect(await listSnapshots(fixture.repository)).toHaveLength(3 + first.plan.repaired.length);
    });

    it('keeps folders whose trees are lost, empty, and what lies beside them', async () => {
      const { repository } = fixture;
      const [inner = ''] = await storeBlobs(repository, 'tree', [Buffer.from('{"nodes":[]}  ')]);
      const data = await storeBlobs(repository, 'data', [Buffer.from('content')]);
      const folderNode = (name: string, subtree: string) => ({
        ...(fileNode(name, [], 0) as object),
        type: 'dir',
        mode: 2147484141,
        content: null,
        subtree,
      });
      const id = await storeTree(repository, [fileNode('file', data, 7), folderNode('lost', inner)]);
      for (const name of await repository.listNames('index')) {
        const packs = decodeIndexFile(await repository.loadUnpacked('index', name)) ?? [];
        const [pack] = packs.filter(({ blobs }) => blobs.some((blob) => blob.id === inner));
        if (pack === undefined) continue;
        rmSync(join(fixture.location, 'data', pack.id.slice(0, 2), pack.id));
      }
      await applyPackRepair(repository, await planPackRepair(repository));
      const { plan, result } = await repairSnapshots(true);
      expect(plan.repaired).toEqual([
        expect.objectContaining({
          snapshot_id: id,
          lost_folders: 1,
          lost_files: 0,
          lost: [expect.objectContaining({ path: '/lost', type: 'folder' })],
        }),
      ]);
      expect(result.removed).toEqual([id]);
      await expectResticContent(fixture.location);
    });

    it('corrects a size that is noted wrongly', async () => {
      const data = await storeBlobs(fixture.repository, 'data', [Buffer.from('content')]);
      await storeTree(fixture.repository, [fileNode('file', data, 6)]);
      expect(await codes()).toEqual(['error FILE_SIZE_WRONG']);
      const { plan } = await repairSnapshots(true);
      expect(plan.repaired).toEqual([expect.objectContaining({ lost: [], corrected_files: 1 })]);
      expect(await codes()).toEqual([]);
    });

    it('says of which snapshots nothing is left, and removes their files only on request', async () => {
      const path = largestOf(fixture.location, 'snapshots');
      flipBit(path, 40);
      const { plan, result } = await repairSnapshots();
      expect(plan).toMatchObject({ repaired: [], beyond_repair: [{ snapshot_id: basename(path) }] });
      expect(result.removed).toEqual([]);
      expect((await repairSnapshots(true)).result.removed).toEqual([basename(path)]);
      expect(await codes()).toEqual([]);
    });

    it('calls nothing lost that a pack holds which no index lists', async () => {
      for (const path of filesOf(fixture.location, 'index')) rmSync(path);
      await expect(planSnapshotRepair(await reopen(fixture))).rejects.toMatchObject({ code: 'INDEX_DAMAGED' });
    });

    it('refuses a plan when more is lost than it says', async () => {
      await losePack(largestOf(fixture.location, 'data'));
      const repository = await reopen(fixture);
      const plan = await planSnapshotRepair(repository);
      const [, second = ''] = filesOf(fixture.location, 'data').filter((path) => readFileSync(path).length > 10_000);
      await losePack(second === '' ? largestOf(fixture.location, 'data') : second);
      await expect(applySnapshotRepair(repository, plan)).rejects.toMatchObject({ code: 'PLAN_STALE' });
    });
  });

  it('of all three in a row mends random damage as far as it can be mended', async () => {
    const seed = randomBytes(4).toString('hex');
    const kinds = ['data', 'index', 'snapshots'];
    let state = Number.parseInt(seed, 16);
    const next = (limit: number) => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % limit;
    const ways = Object.values(damages);
    for (let count = 0; count < 3; count += 1) {
      const files = filesOf(fixture.location, kinds[next(kinds.length)] ?? 'data');
      const path = files[next(files.length)];
      if (path !== undefined && readFileSync(path).length > 0) ways[next(ways.length)]?.(path);
    }
    const repository = await reopen(fixture);
    await applyIndexRepair(repository, await planIndexRepair(repository));
    await applyPackRepair(repository, await planPackRepair(repository, { readData: true }));
    const plan = await planSnapshotRepair(repository, { removeDamaged: true });
    await applySnapshotRepair(repository, plan);
    // A pack of which neither index nor header tells what it holds stays: nothing needs it, and a prune removes it.
    expect(
      (await codes()).filter((code) => code !== 'harmless PACK_NOT_INDEXED'),
      `seed ${seed}`,
    ).toEqual([]);
    await expectResticContent(fixture.location, true);
    const touched = new Set([...plan.repaired, ...plan.beyond_repair].map((one) => one.snapshot_id));
    const present = new Set((await listSnapshots(repository)).map(({ id }) => id));
    const untouched = fixture.points.filter(({ id }) => !touched.has(id) && present.has(id));
    await expectRestorable(fixture.location, untouched, folder());
  });
});
