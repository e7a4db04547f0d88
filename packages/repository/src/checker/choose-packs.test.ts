import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPackId, type PackId } from '../format/blob.ts';
import { choosePacks, type PackRecord } from './choose-packs.ts';
import { parseReadSelection } from './read-selection.ts';

const now = new Date('2026-11-22T12:00:00Z');
const day = 24 * 60 * 60;
const packOf = (number: number): PackId => asPackId(hash('sha256', `pack ${number}`, 'hex'));
const packs = (count: number, size = 100): Map<PackId, number> =>
  new Map(Array.from({ length: count }, (_, number) => [packOf(number), size]));
const sum = (sizes: ReadonlyMap<PackId, number>, chosen: Iterable<PackId>): number =>
  [...chosen].reduce((total, id) => total + (sizes.get(id) ?? 0), 0);

describe('a selection of what to read', () => {
  it.each([
    ['1/1', { kind: 'part', part: 1, of: 1 }],
    ['7/256', { kind: 'part', part: 7, of: 256 }],
    ['2.5%', { kind: 'percent', percent: 2.5 }],
    ['100%', { kind: 'percent', percent: 100 }],
    ['4096', { kind: 'bytes', bytes: 4096 }],
    ['1.5g', { kind: 'bytes', bytes: 1.5 * 2 ** 30 }],
    ['10T', { kind: 'bytes', bytes: 10 * 2 ** 40 }],
  ])('is read from %s', (text, selection) => {
    expect(parseReadSelection(text)).toEqual(selection);
  });

  it.each([
    '',
    '0/3',
    '4/3',
    '1/257',
    '0%',
    '100.1%',
    '-1%',
    '0',
    '0G',
    '1P',
    '1/2/3',
    ' 5%',
    '5 %',
    'all',
    '1e9',
    '9999999T',
  ])('is none for "%s"', (text) => {
    expect(parseReadSelection(text)).toBeNull();
  });
});

describe('choosing packs', () => {
  it('takes all, and parts that together are all, each pack in one part', () => {
    const sizes = packs(1000);
    expect(choosePacks(sizes, { kind: 'all' }, null, now).size).toBe(1000);
    const parts = [1, 2, 3].map((part) => choosePacks(sizes, { kind: 'part', part, of: 3 }, null, now));
    expect(parts.reduce((count, part) => count + part.size, 0)).toBe(1000);
    expect(new Set(parts.flatMap((part) => [...part])).size).toBe(1000);
    const first = [...sizes.keys()].filter((id) => Number.parseInt(id.slice(0, 2), 16) % 3 === 0);
    expect([...(parts[0] ?? [])].sort()).toEqual(first.sort());
  });

  it('takes a share to the end of the last pack, the same one for the same time, another for another', () => {
    const sizes = packs(1000);
    const tenth = choosePacks(sizes, { kind: 'percent', percent: 10 }, null, now);
    expect(tenth.size).toBe(100);
    expect(choosePacks(sizes, { kind: 'percent', percent: 10 }, null, now)).toEqual(tenth);
    expect(choosePacks(sizes, { kind: 'percent', percent: 10 }, null, new Date(now.getTime() + 1))).not.toEqual(tenth);
    expect(choosePacks(sizes, { kind: 'bytes', bytes: 101 }, null, now).size).toBe(2);
    expect(choosePacks(sizes, { kind: 'percent', percent: 100 }, null, now).size).toBe(1000);
    expect(choosePacks(new Map(), { kind: 'percent', percent: 100 }, null, now).size).toBe(0);
  });

  it('with a history takes what was never read first, then what was read the longest ago', () => {
    const sizes = packs(4);
    const record = (verified: number | null): PackRecord => ({ seen: 0, verified });
    const history = {
      packs: new Map([
        [packOf(0), record(3000)],
        [packOf(1), record(1000)],
        [packOf(2), record(2000)],
      ]),
      evenUntil: null,
    };
    const two = choosePacks(sizes, { kind: 'bytes', bytes: 200 }, history, now);
    expect(two).toEqual(new Set([packOf(3), packOf(1)]));
    const three = choosePacks(sizes, { kind: 'bytes', bytes: 300 }, history, now);
    expect(three).toEqual(new Set([packOf(3), packOf(1), packOf(2)]));
  });

  it('within a period reads each byte in time, evenly, whatever grows, goes, or is left out for some days', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.array(fc.record({ grow: fc.integer({ min: 0, max: 5 }), skip: fc.boolean(), killed: fc.boolean() }), {
          minLength: 30,
          maxLength: 80,
        }),
        (period, days) => {
          const selection = { kind: 'period', seconds: period * day } as const;
          const sizes = packs(200);
          const records = new Map<PackId, PackRecord>();
          let made = 200;
          let evenUntil: number | null = null;
          let ranBefore = 0;
          for (const [number, { grow, skip, killed }] of days.entries()) {
            for (let count = 0; count < grow; count += 1) sizes.set(packOf((made += 1)), 100);
            if (skip) continue;
            const today = new Date(now.getTime() + number * day * 1000);
            for (const id of sizes.keys()) {
              if (!records.has(id)) records.set(id, { seen: today.getTime(), verified: null });
            }
            const chosen = [...choosePacks(sizes, selection, { packs: records, evenUntil }, today)];
            const gap = number === 0 ? 1 : number - ranBefore;
            // An even share: what the time since the last complete check asks for, and what would fall due.
            if (evenUntil !== null && gap === 1 && !killed && number > period) {
              expect(sum(sizes, chosen)).toBeLessThanOrEqual(sum(sizes, sizes.keys()) * (3 / Math.min(period, 3)));
            }
            const read = killed ? chosen.slice(0, Math.floor(chosen.length / 2)) : chosen;
            for (const id of read) {
              records.set(id, { seen: records.get(id)?.seen ?? 0, verified: today.getTime() + 1 });
            }
            if (killed) continue;
            evenUntil = today.getTime();
            ranBefore = number;
            for (const id of sizes.keys()) {
              const { seen, verified } = records.get(id) ?? { seen: 0, verified: null };
              expect(today.getTime() - (verified ?? seen)).toBeLessThan(period * day * 1000);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('within a period reads the same amount every day when nothing changes, and each pack once', () => {
    const sizes = packs(300);
    const records = new Map<PackId, PackRecord>(
      [...sizes.keys()].map((id) => [id, { seen: now.getTime(), verified: null }]),
    );
    let evenUntil: number | null = null;
    const readings = new Map<PackId, number>();
    for (let number = 0; number < 30; number += 1) {
      const today = new Date(now.getTime() + number * day * 1000);
      const chosen = choosePacks(sizes, { kind: 'period', seconds: 30 * day }, { packs: records, evenUntil }, today);
      expect(chosen.size).toBe(10);
      for (const id of chosen) {
        records.set(id, { seen: now.getTime(), verified: today.getTime() });
        readings.set(id, (readings.get(id) ?? 0) + 1);
      }
      evenUntil = today.getTime();
    }
    expect(readings.size).toBe(300);
    expect(new Set(readings.values())).toEqual(new Set([1]));
  });
});
