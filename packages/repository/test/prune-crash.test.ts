import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setClock } from '@enterprise-backup/test-support/set-clock';
import { hasTool } from '@enterprise-backup/test-support/system-tool';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { afterAll, describe, expect, it } from 'vitest';
import { applyPrune } from '../src/pruner/apply-prune.ts';
import { planPrune } from '../src/pruner/plan-prune.ts';
import { openRepository } from '../src/open-repository.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { newCheapRepository } from './cheap-key.ts';
import { password } from './crafted-repository.ts';
import { killPoints, runAndKill } from './kill-at-write.ts';
import { RandomHistory } from './random-history.ts';
import { chooseCases } from './run-length.ts';
import { runRestic } from './stock-restic.ts';

const hour = 3600;
const firstDay = '2026-11-01T00:00:00Z';
const secondDay = '2026-11-02T00:00:00Z';
const thirdDay = '2026-11-03T00:00:00Z';
const everything = { maxUnused: { percent: 0 }, graceSeconds: 23 * hour } as const;
const entry = new URL('./prune-process.ts', import.meta.url);
const directory = temporaryDirectory('prune-crash');

afterAll(() => {
  directory.remove();
});

/** A repository in which a prune on the second day marks, deletes and repacks. */
async function prepare(): Promise<RandomHistory> {
  const made = await newCheapRepository(join(directory.path, 'prepared'));
  const clock = setClock(firstDay);
  const repository = await openRepository(made.storage, password, clock);
  const history = new RandomHistory(repository, 'crash');
  const { storage } = repository;
  const doomed = [await history.addSnapshot({ fresh: 4 }), await history.addSnapshot({ fresh: 4 })];
  await history.addSnapshot({ fresh: 2 });
  for (const id of doomed) await storage.delete('snapshots', id);
  await applyPrune(repository, await planPrune(repository, everything));

  // What is marked by now is past its grace on the second day.
  const forgotten = await history.addSnapshot({ fresh: 5 });
  await history.addSnapshot({ reused: history.data.slice(-3), fresh: 1 });
  await storage.delete('snapshots', forgotten);
  await storage.delete('snapshots', await history.addSnapshot({ reused: [], fresh: 3 }));
  await history.store(history.data.slice(-2));
  await history.store(history.data.slice(-1), { indexed: false });
  return history;
}

/** A repository in which a prune lists a pack again that was marked: a snapshot appeared that counted on it. */
async function prepareRecovery(): Promise<RandomHistory> {
  const made = await newCheapRepository(join(directory.path, 'prepared for recovery'));
  const repository = await openRepository(made.storage, password, setClock(firstDay));
  const history = new RandomHistory(repository, 'recovery');
  const doomed = await history.addSnapshot({ fresh: 4 });
  await history.addSnapshot({ fresh: 2 });
  await repository.storage.delete('snapshots', doomed);
  await applyPrune(repository, await planPrune(repository, everything));
  await history.addSnapshot({ reused: history.data.slice(0, 2), fresh: 1 });
  return history;
}

describe.each([
  ['that marks, deletes and repacks', prepare, ['repack', 'mark', 'delete']],
  ['that recovers', prepareRecovery, ['recover']],
] as const)('a prune %s and is killed', async (what, prepareHistory, actions) => {
  const prepared = await prepareHistory();
  const { location } = prepared.repository.storage;
  // A snapshot that counted on a marked pack cannot be read until prune has run; a killed prune must not add to that.
  const faultsBefore = await prepared.findFaults();
  const copyOf = async (name: string): Promise<string> => {
    const copy = join(directory.path, `${what} ${name}`);
    await cp(location, copy, { recursive: true });
    return copy;
  };
  const open = (copy: string, time: string) => openRepository(openStorage(copy), password, setClock(time));
  const counted = await copyOf('counted');
  const planned = await planPrune(await open(counted, secondDay), everything);
  const args = (copy: string) => [copy, secondDay, String(everything.graceSeconds)];
  const { writes } = await runAndKill(entry, args(counted), counted, null);

  it('does what it is to do', () => {
    for (const action of actions) expect(planned.report.packs[action]).toBeGreaterThan(0);
    expect(planned.report.packs.keep).toBeGreaterThan(0);
    expect(faultsBefore.length > 0).toBe(planned.report.packs.recover > 0);
  });

  // Concurrent, because most of the time goes into the waits of the lock's protocol.
  it.concurrent.each(chooseCases(what, killPoints(writes), 4))('at write $at, torn: $torn', async (point) => {
    const copy = await copyOf(`${point.at} ${point.torn}`);
    expect(await runAndKill(entry, args(copy), copy, point)).toMatchObject({ stderr: '' });
    const repository = await open(copy, secondDay);
    const history = prepared.in(repository);
    const faults = await history.findFaults();
    expect(faultsBefore).toEqual(expect.arrayContaining(faults));
    if (hasTool('restic') && faults.length === 0) {
      const checked = await runRestic(copy, 'check', '--no-lock');
      expect(checked).toMatchObject({ status: 0, stderr: '' });
    }

    await applyPrune(repository, await planPrune(repository, everything));
    expect(await history.findFaults()).toEqual([]);
    expect(await repository.listNames('locks')).toEqual([]);
    // A recovered pack is partly used: one day it is repacked, another day its old pack is deleted.
    const clock = setClock(thirdDay);
    const later = await openRepository(openStorage(copy), password, clock);
    for (let day = 0; day < 2; day += 1) {
      await applyPrune(later, await planPrune(later, everything));
      clock.advance(24 * hour);
    }
    const { report } = await planPrune(later, everything);
    expect(report).toMatchObject({ blobs: { duplicate: 0, unused: 0 }, bytes: { unindexed: 0, marked: 0 } });
    expect(await history.findFaults()).toEqual([]);
  });
});
