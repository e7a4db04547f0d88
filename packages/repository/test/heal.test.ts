import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import {
  temporaryDirectory,
  temporaryDirectoryForTest,
  type TemporaryDirectory,
} from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../src/checker/check.ts';
import { copySnapshots } from '../src/copier/copy.ts';
import { applyHeal } from '../src/healer/apply-heal.ts';
import { healPlan } from '../src/healer/heal-plan.ts';
import { openDamaged } from '../src/healer/open-damaged.ts';
import { planHeal, type HealOptions } from '../src/healer/plan-heal.ts';
import type { Repository } from '../src/repository.ts';
import { forgetSnapshots, listSnapshots } from '../src/snapshots.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
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

describe.skipIf(!hasTool('restic'))('a heal', () => {
  let original: TemporaryDirectory;
  let whole: Fixture;
  let fixture: Fixture;
  let copy: Repository;

  const heal = async (options: HealOptions = {}, second: Repository = copy) => {
    const repository = await openDamaged(openStorage(fixture.location), password, second, systemClock);
    const plan = await planHeal(repository, second, options);
    expect(healPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    return { plan, result: await applyHeal(repository, second, plan) };
  };
  const findings = async (): Promise<string[]> =>
    (await check(await reopen(fixture), { readData: true })).findings.map(({ code }) => code);
  const expectHealed = async (): Promise<void> => {
    expect(await findings()).toEqual([]);
    await expectResticContent(fixture.location);
    await expectRestorable(fixture.location, fixture.points, fixture.folder);
    expect(filesOf(fixture.location, 'locks')).toEqual([]);
  };

  beforeAll(async () => {
    original = temporaryDirectory('heal');
    whole = await makeFixture(original.path);
  });

  afterAll(() => {
    original.remove();
  });

  beforeEach(async () => {
    fixture = await copyFixture(whole, temporaryDirectoryForTest('heal'));
  });

  describe('from a replica', () => {
    beforeEach(async () => {
      copy = await reopen(whole);
    });

    it('has nothing to do in a whole repository, and changes nothing', async () => {
      const { plan, result } = await heal({ readData: true, missingSnapshots: true });
      expect(plan).toMatchObject({ replica: true, files: [], packs: [], index_dropped: [], blobs_fetched: 0 });
      expect(result).toMatchObject({ files_put_back: [], packs_removed: [], put_off: [] });
      expect(contentOf(fixture.location)).toEqual(contentOf(whole.location));
    });

    const paths = {
      'the config': () => join(fixture.location, 'config'),
      'the key file': () => largestOf(fixture.location, 'keys'),
      'a snapshot': () => largestOf(fixture.location, 'snapshots'),
      'an index file': () => largestOf(fixture.location, 'index'),
      'a pack': () => largestOf(fixture.location, 'data'),
    } as const;
    const cases = Object.entries(paths).flatMap(([what, path]) =>
      Object.entries(damages).map(([how, damage]) => [how, what, path, damage] as const),
    );
    it.each(cases)('mends %s of %s', async (how, what, path, damage) => {
      damage(path());
      const { plan, result } = await heal({ readData: what === 'a pack', missingSnapshots: true });
      expect(plan.lost).toEqual({ files: [], blobs: [], touched: { points: [], affected: [] } });
      if (how === 'its loss' && what === 'an index file') {
        // Which index files there were is not known; what they listed is.
        expect(result.packs_listed).toBeGreaterThan(0);
        await expectHealed();
      } else {
        // The same bytes again: what restic makes of them needs no asking.
        expect(result.files_put_back).toHaveLength(1);
        expect(contentOf(fixture.location)).toEqual(contentOf(whole.location));
      }
    });

    it('mends everything at once, when no more than the names of the keys are left', async () => {
      for (const kind of ['data', 'index', 'snapshots']) {
        for (const path of filesOf(fixture.location, kind)) rmSync(path);
      }
      rmSync(join(fixture.location, 'config'));
      damages['no content'](largestOf(fixture.location, 'keys'));
      const { plan } = await heal({ missingSnapshots: true });
      expect(plan.lost.blobs).toEqual([]);
      await expectHealed();
    });

    it('does not bring back a key or a snapshot that was removed, nor a snapshot unless it is told to', async () => {
      const [point] = fixture.points;
      if (point === undefined) throw new Error('there is a point');
      const repository = await reopen(fixture);
      await forgetSnapshots(repository, [point.id]);
      writeFileSync(join(whole.location, 'keys', 'ab'.repeat(32)), 'of the replica alone');
      try {
        const { plan } = await heal({ readData: true });
        expect(plan.files).toEqual([]);
        expect((await listSnapshots(repository)).map(({ id }) => id)).not.toContain(point.id);
        const again = await heal({ missingSnapshots: true });
        expect(again.result.files_put_back).toEqual([`snapshots/${point.id}`]);
        expect(await repository.listNames('keys')).toHaveLength(1);
      } finally {
        rmSync(join(whole.location, 'keys', 'ab'.repeat(32)));
      }
      await expectHealed();
    });

    it('refuses one of another repository when it cannot open this one', async () => {
      const other = await newCheapRepository(temporaryDirectoryForTest('heal-other'));
      rmSync(join(fixture.location, 'config'));
      for (const path of filesOf(fixture.location, 'keys')) rmSync(path);
      const opening = openDamaged(openStorage(fixture.location), password, other, systemClock);
      await expect(opening).rejects.toMatchObject({ code: 'COPY_UNRELATED' });
      const empty = openDamaged(openStorage(temporaryDirectoryForTest('heal-empty')), password, copy, systemClock);
      await expect(empty).rejects.toMatchObject({ code: 'COPY_UNRELATED' });
      const wrong = openDamaged(openStorage(whole.location), 'a wrong password', copy, systemClock);
      await expect(wrong).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    });
  });

  describe('from a damaged replica', () => {
    let replica: Fixture;

    beforeEach(async () => {
      replica = await copyFixture(whole, temporaryDirectoryForTest('heal-replica'));
      copy = replica.repository;
    });

    it('says what is lost in both, and mends the rest', async () => {
      const [pack = ''] = (await packsOf(fixture, 'data')).filter((path) => readFileSync(path).length > 600_000);
      const name = basename(pack);
      flipBit(pack, 1000);
      rmSync(join(replica.location, 'data', name.slice(0, 2), name));
      rmSync(largestOf(fixture.location, 'index'));
      const { plan, result } = await heal({ readData: true });
      expect(plan.lost.blobs).toHaveLength(1);
      expect(plan.lost.touched.affected.every((path) => path.endsWith('/large'))).toBe(true);
      expect(plan.lost.touched.points.length).toBeGreaterThan(0);
      expect(result).toMatchObject({ blobs_lost: 1, packs_removed: [name] });
      expect(new Set(await findings())).toEqual(new Set(['BLOB_MISSING']));
    });

    it('stops before it removes anything when the replica does not hold what it seemed to', async () => {
      const [pack = ''] = (await packsOf(fixture, 'data')).filter((path) => readFileSync(path).length > 600_000);
      const name = basename(pack);
      rmSync(pack);
      const repository = await reopen(fixture);
      const plan = await planHeal(repository, copy);
      expect(plan.files.map((file) => file.name)).toEqual([name]);
      flipBit(join(replica.location, 'data', name.slice(0, 2), name), 1000);
      await expect(applyHeal(repository, copy, plan)).rejects.toMatchObject({ code: 'PLAN_STALE' });
      expect(await repository.listNames('locks')).toEqual([]);
      const other = await newCheapRepository(temporaryDirectoryForTest('heal-other'));
      await expect(applyHeal(repository, other, plan)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    });

    it('drops an index file that is damaged in both, and lists its packs by their headers', async () => {
      const path = largestOf(fixture.location, 'index');
      flipBit(path, 40);
      rmSync(join(replica.location, 'index', basename(path)));
      const { plan } = await heal();
      expect(plan.index_dropped.map((file) => file.name)).toEqual([basename(path)]);
      await expectHealed();
    });

    it('names a key that neither has whole', async () => {
      const broken = 'cd'.repeat(32);
      writeFileSync(join(fixture.location, 'keys', broken), 'no key');
      const { plan } = await heal();
      expect(plan.lost.files).toEqual([expect.objectContaining({ type: 'keys', name: broken })]);
    });
  });

  describe('from a copy with another key', () => {
    beforeEach(async () => {
      copy = await newCheapRepository(temporaryDirectoryForTest('heal-copy'));
      await copySnapshots(await reopen(whole), copy);
    });

    const two = (['a flipped bit', 'its loss'] as const).map((how) => [how, damages[how]] as const);
    it.each(two)('mends %s of a pack of data and one of trees', async (_how, damage) => {
      const [data = ''] = (await packsOf(fixture, 'data')).filter((path) => readFileSync(path).length > 600_000);
      const [trees = ''] = await packsOf(fixture, 'tree');
      damage(data);
      damage(trees);
      const { plan, result } = await heal({ readData: true });
      expect(plan).toMatchObject({ replica: false, files: [] });
      expect(plan.packs.map(({ id }) => id).sort()).toEqual([basename(data), basename(trees)].sort());
      expect(result.blobs_fetched).toBe(plan.blobs_fetched);
      expect(result.blobs_fetched).toBeGreaterThan(0);
      await expectHealed();
    });

    it('mends the loss of all packs and of the index', async () => {
      for (const kind of ['data', 'index']) for (const path of filesOf(fixture.location, kind)) rmSync(path);
      await heal();
      await expectHealed();
    });

    it('makes a damaged snapshot anew, which says what it stands for', async () => {
      const path = largestOf(fixture.location, 'snapshots');
      const point = fixture.points.find(({ id }) => id === basename(path));
      if (point === undefined) throw new Error('the snapshot is a point');
      flipBit(path, 40);
      const { result } = await heal();
      expect(result.snapshots_made).toEqual([{ original: point.id, to: expect.any(String) as string }]);
      expect(await findings()).toEqual([]);
      const made = (await listSnapshots(await reopen(fixture))).find(({ snapshot }) => snapshot.original === point.id);
      if (made === undefined) throw new Error('the snapshot was made');
      expect(made.snapshot.tags).toEqual([`of ${basename(point.source)}`]);
      const restored = await restoredContent(fixture.location, made.id, point.source, fixture.folder);
      expect(restored).toEqual(contentOf(point.content));
      await expectResticContent(fixture.location);
    });

    it('brings back a snapshot that is gone when it is told to, once', async () => {
      const [point] = fixture.points;
      if (point === undefined) throw new Error('there is a point');
      await forgetSnapshots(await reopen(fixture), [point.id]);
      expect((await heal({ missingSnapshots: true })).result.snapshots_made).toHaveLength(1);
      expect((await heal({ missingSnapshots: true })).result.snapshots_made).toEqual([]);
      await expectResticContent(fixture.location);
    });

    it('cannot give back the config or a key', async () => {
      rmSync(join(fixture.location, 'config'));
      const opening = openDamaged(openStorage(fixture.location), password, copy, systemClock);
      await expect(opening).rejects.toMatchObject({ code: 'COPY_UNRELATED' });
    });
  });

  it('takes what a copy has of a repository that lies elsewhere now', async () => {
    const moved = join(temporaryDirectoryForTest('heal-moved'), 'moved');
    cpSync(whole.location, moved, { recursive: true });
    copy = await reopen({ location: moved });
    rmSync(largestOf(fixture.location, 'data'));
    await heal();
    await expectHealed();
  });
});
