import { setTimeout as delay } from 'node:timers/promises';
import { type RunningCatalogEngine, catalogEngines } from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import type { Catalog, CatalogSession } from '../src/catalog.ts';
import { connectCatalog, type CatalogSettings } from '../src/connect.ts';
import { violatedConstraint } from '../src/constraint-violation.ts';
import { migrate } from '../src/migrate.ts';
import type { JobRow, ScheduleRow } from '../src/rows.ts';
import { transaction } from '../src/transaction.ts';

const path = '/srv/data';
const job = { job_name: 'nightly', source_system: 'files-01', backup_type: 'full' } as const;

const addSource = async ({ knex }: CatalogSession, name: string): Promise<void> => {
  const [repository] = await knex('repositories').insert({ location: `/srv/${name}`, password_secret: 'main' });
  await knex('source_systems').insert({
    source_system: name,
    kind: 'filesystem',
    settings: { kind: 'filesystem', path, excludes: [], allow_empty: false },
    repository_id: repository ?? 0,
  });
};

/** What a promise is rejected with; fails the test when it is fulfilled. */
const rejection = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
};

for (const engine of catalogEngines) {
  describe.skipIf(!engine.available)(`the catalog on ${engine.name}`, () => {
    let running: RunningCatalogEngine;
    let settings: CatalogSettings;
    let catalog: Catalog;
    let other: Catalog;

    beforeAll(async () => {
      running = await engine.start();
      settings = await running.emptyCatalog();
      catalog = await connectCatalog(settings);
      await migrate(catalog);
      await addSource(catalog, 'files-01');
      other = await connectCatalog(settings);
    });

    afterAll(async () => {
      await other.close();
      await catalog.close();
      await running.stop();
    });

    const addJob = async (fields: Partial<Pick<JobRow, 'job_name' | 'request_id'>> = {}): Promise<number> =>
      (await catalog.knex('backup_jobs').insert({ ...job, ...fields }))[0] ?? 0;

    const addSchedule = async (name: string, enabled = true): Promise<number> =>
      (
        await catalog
          .knex('backup_schedules')
          .insert({ job_name: name, source_system: 'files-01', cron_expression: '0 2 * * *', enabled })
      )[0] ?? 0;

    describe('values', () => {
      it('takes dates and gives RFC 3339 in UTC with milliseconds', async () => {
        const id = await addJob();
        const times = ['2026-03-29T01:30:00.001Z', '1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];
        for (const time of times) {
          await catalog
            .knex('backup_jobs')
            .where({ id })
            .update({ completed_at: new Date(time) });
          expect(await catalog.knex('backup_jobs').where({ id }).pluck('completed_at')).toEqual([time]);
          const rows = await catalog.knex.raw<object[]>(
            'select max(completed_at) as newest from backup_jobs where id = ?',
            [id],
          );
          expect(rows).toEqual([{ newest: time }]);
        }
      });

      it('compares times as times', async () => {
        const id = await addJob();
        await catalog
          .knex('backup_jobs')
          .where({ id })
          .update({ started_at: new Date('2026-11-22T23:00:00.500Z') });
        const before = (time: string): Promise<number[]> =>
          catalog.knex('backup_jobs').where({ id }).where('started_at', '<', new Date(time)).pluck('id');
        expect(await before('2026-11-22T23:00:00.500Z')).toEqual([]);
        expect(await before('2026-11-22T23:00:00.501Z')).toEqual([id]);
        const equal = await catalog
          .knex('backup_jobs')
          .where('started_at', new Date('2026-11-22T23:00:00.500Z'))
          .pluck('id');
        expect(equal).toEqual([id]);
      });

      it('fills defaults, the moment of insertion in UTC among them', async () => {
        const id = await addSchedule('defaults');
        const row = await catalog.knex('backup_schedules').where({ id }).first();
        expectTypeOf(row).toEqualTypeOf<ScheduleRow | undefined>();
        expect(row).toEqual({
          id,
          job_name: 'defaults',
          source_system: 'files-01',
          backup_type: 'incremental',
          cron_expression: '0 2 * * *',
          time_zone: 'UTC',
          retention_days: 30,
          enabled: true,
          last_due_at: null,
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
          updated_at: expect.any(String) as unknown,
        });
        const hours = Math.abs(Date.parse(row?.created_at ?? '') - Date.now()) / 3_600_000;
        expect(hours).toBeLessThan(0.5);
      });

      it('takes and gives booleans', async () => {
        const id = await addSchedule('booleans', false);
        expect(await catalog.knex('backup_schedules').where({ id }).select('enabled')).toEqual([{ enabled: false }]);
        await catalog.knex('backup_schedules').where({ id }).update({ enabled: true });
        const rows = await catalog.knex.raw<object[]>(
          'select enabled from backup_schedules where id = ? and enabled = ?',
          [id, true],
        );
        expect(rows).toEqual([{ enabled: true }]);
      });

      it('takes and gives JSON of any shape and text of any script', async () => {
        const patterns = ["it's", '"quoted"', 'back\\slash', '??', ':name', 'line\nbreak', '日本語 🗄️', '%_'];
        const [id] = await catalog.knex('recoveries').insert({
          job_id: await addJob(),
          target_system: 'prod-db-01',
          include_patterns: patterns,
          error: { code: 'INTERNAL', message: patterns.join(), hint: '', retryable: false },
        });
        const row = await catalog
          .knex('recoveries')
          .where({ id: id ?? 0 })
          .first('include_patterns', 'error', 'result');
        expect(row).toEqual({
          include_patterns: patterns,
          error: { code: 'INTERNAL', message: patterns.join(), hint: '', retryable: false },
          result: null,
        });
        await catalog
          .knex('recoveries')
          .where({ id: id ?? 0 })
          .update({ include_patterns: [], error: null });
        expect(
          await catalog
            .knex('recoveries')
            .where({ id: id ?? 0 })
            .first('include_patterns', 'error'),
        ).toEqual({
          include_patterns: [],
          error: null,
        });
      });

      it('takes a bigint, and undefined as a default', async () => {
        const id = await addJob();
        const rows = await catalog
          .knex('backup_jobs')
          .whereIn('id', [BigInt(id) as unknown as number])
          .pluck('id');
        expect(rows).toEqual([id]);
        const fields = { ...job, status: undefined, due_at: undefined };
        const [defaulted] = await catalog.knex('backup_jobs').insert(fields as unknown as typeof job);
        expect(
          await catalog
            .knex('backup_jobs')
            .where({ id: defaulted ?? 0 })
            .first('status', 'due_at'),
        ).toEqual({
          status: 'pending',
          due_at: null,
        });
      });

      it('refuses to compare with undefined', async () => {
        await rejection(catalog.knex('backup_jobs').where('id', undefined as unknown as number));
        await rejection(catalog.knex.raw('select 1 as one from backup_jobs where id = ?', [undefined as never]));
      });

      it('counts and sums as numbers', async () => {
        await addSchedule('counted');
        const [row] = await catalog.knex.raw<{ n: unknown; s: unknown }[]>(
          'select count(*) as n, sum(retention_days) as s from backup_schedules where job_name = ?',
          ['counted'],
        );
        expect(row).toEqual({ n: 1, s: 30 });
      });

      it('reports the rows that a statement matched, changed or not', async () => {
        const id = await addJob();
        expect(await catalog.knex('backup_jobs').where({ id }).update({ job_name: 'nightly' })).toBe(1);
        expect(await catalog.knex.raw('update backup_jobs set job_name = job_name where id = ?', [id])).toEqual({
          changes: 1,
        });
        expect(await catalog.knex('backup_jobs').where({ id, status: 'failed' }).update({ job_name: 'x' })).toBe(0);
        expect(await catalog.knex('backup_jobs').where({ id }).delete()).toBe(1);
      });
    });

    describe('rules', () => {
      it('never gives a number twice', async () => {
        const first = await addJob();
        await catalog.knex('backup_jobs').where({ id: first }).delete();
        expect(await addJob()).toBeGreaterThan(first);
      });

      it('allows one job for a due time of a schedule and one for a request, and many without', async () => {
        const schedule = await addSchedule('unique-due');
        const due = { ...job, schedule_id: schedule, due_at: new Date('2026-11-22T02:00:00.000Z') };
        await catalog.knex('backup_jobs').insert(due);
        expect(violatedConstraint(await rejection(catalog.knex('backup_jobs').insert(due)))).toBe('unique');
        await catalog.knex('backup_jobs').insert([
          { ...job, schedule_id: schedule },
          { ...job, schedule_id: schedule },
        ]);
        await addJob({ request_id: 'request-1' });
        expect(violatedConstraint(await rejection(addJob({ request_id: 'request-1' })))).toBe('unique');
      });

      it('keeps the jobs of a schedule that is removed', async () => {
        const schedule = await addSchedule('removed');
        const [id] = await catalog.knex('backup_jobs').insert({ ...job, schedule_id: schedule, due_at: new Date(0) });
        await catalog.knex('backup_schedules').where({ id: schedule }).delete();
        expect(
          await catalog
            .knex('backup_jobs')
            .where({ id: id ?? 0 })
            .pluck('schedule_id'),
        ).toEqual([null]);
      });

      it('refuses what names a row that is not there, and the removal of a row that is named', async () => {
        const strange = { job_name: 'strange', source_system: 'no-such', cron_expression: '* * * * *' };
        const insertion = await rejection(catalog.knex('backup_schedules').insert(strange));
        expect(violatedConstraint(insertion)).toBe('foreign_key');
        const removal = await rejection(catalog.knex('repositories').where({ location: '/srv/files-01' }).delete());
        expect(violatedConstraint(removal)).toBe('foreign_key');
      });

      it('tells names apart by case', async () => {
        const target = { kind: 'filesystem', settings: { kind: 'filesystem', path } } as const;
        await catalog.knex('target_systems').insert([
          { target_system: 'Case', ...target },
          { target_system: 'case', ...target },
        ]);
        expect(await catalog.knex('target_systems').where({ target_system: 'case' }).pluck('target_system')).toEqual([
          'case',
        ]);
      });

      it.each([
        ['a name that is too long', { job_name: 'x'.repeat(64) }],
        ['a type of backup that there is not', { backup_type: 'partial' }],
        ['a status that there is not', { status: 'cancelled' }],
        ['a status in other case', { status: 'Pending' }],
        ['no name', { job_name: null }],
        ['a time that is none', { due_at: 'tomorrow' }],
        ['a number that is none', { retention_days: 'many' }],
        ['JSON that is none', { error: 'not json' }],
      ])('refuses %s', async (_what, fields) => {
        const before = await catalog.knex('backup_jobs').count({ n: '*' });
        await rejection(catalog.knex('backup_jobs').insert({ ...job, ...fields } as unknown as typeof job));
        expect(await catalog.knex('backup_jobs').count({ n: '*' })).toEqual(before);
      });

      it('takes a name of full length in any script', async () => {
        const name = '🗄'.repeat(63);
        const id = await addJob({ job_name: name });
        expect(await catalog.knex('backup_jobs').where({ id }).pluck('job_name')).toEqual([name]);
      });
    });

    describe('transactions', () => {
      it('keep what was written when the work resolves', async () => {
        const id = await transaction(catalog, async ({ knex }) => (await knex('backup_jobs').insert(job))[0] ?? 0);
        expect(await other.knex('backup_jobs').where({ id }).pluck('id')).toEqual([id]);
      });

      it('keep nothing when the work throws, and throw that', async () => {
        const thrown = new RangeError('stop');
        const name = 'rolled-back';
        const work = async ({ knex }: CatalogSession): Promise<void> => {
          await knex('backup_jobs').insert({ ...job, job_name: name });
          throw thrown;
        };
        expect(await rejection(transaction(catalog, work))).toBe(thrown);
        expect(await catalog.knex('backup_jobs').where({ job_name: name })).toEqual([]);
      });

      it('go on after a statement that a rule refused', async () => {
        await addJob({ request_id: 'taken' });
        const id = await transaction(catalog, async ({ knex }) => {
          const refused = await rejection(knex('backup_jobs').insert({ ...job, request_id: 'taken' }));
          expect(violatedConstraint(refused)).toBe('unique');
          return (await knex('backup_jobs').insert(job))[0] ?? 0;
        });
        expect(await catalog.knex('backup_jobs').where({ id }).pluck('id')).toEqual([id]);
      });

      it('that read and then write one row at the same time all count', async () => {
        const id = await addSchedule('counter');
        await catalog.knex('backup_schedules').where({ id }).update({ retention_days: 0 });
        const addOne = (on: Catalog): Promise<void> =>
          transaction(on, async ({ knex }) => {
            const row = await knex('backup_schedules').where({ id }).forUpdate().first('retention_days');
            await delay(1);
            await knex('backup_schedules')
              .where({ id })
              .update({ retention_days: (row?.retention_days ?? 0) + 1 });
          });
        await Promise.all(Array.from({ length: 20 }, (_none, index) => addOne(index % 2 === 0 ? catalog : other)));
        expect(await catalog.knex('backup_schedules').where({ id }).pluck('retention_days')).toEqual([20]);
      });

      it('that lock two rows in opposite order both succeed, one of them when repeated', async () => {
        const ids = [await addSchedule('one'), await addSchedule('two')];
        let runs = 0;
        let holders = 0;
        const bothHoldOne = Promise.withResolvers<undefined>();
        const raise = (on: Catalog, [first = 0, second = 0]: readonly number[]): Promise<void> =>
          transaction(on, async ({ knex }) => {
            runs += 1;
            await knex('backup_schedules').where({ id: first }).increment('retention_days', 1);
            holders += 1;
            // SQLite admits one writer at a time: its transactions wait and never cross.
            if (holders === 2 || engine.name === 'SQLite') bothHoldOne.resolve(undefined);
            await bothHoldOne.promise;
            await knex('backup_schedules').where({ id: second }).increment('retention_days', 1);
          });
        await Promise.all([raise(catalog, ids), raise(other, ids.toReversed())]);
        const days = await catalog.knex('backup_schedules').whereIn('id', ids).pluck('retention_days');
        expect(days).toEqual([32, 32]);
        expect(runs).toBe(engine.name === 'SQLite' ? 2 : 3);
      });

      it('skip rows that another transaction has locked, where rows are locked', async () => {
        const ids = [await addSchedule('skip-one'), await addSchedule('skip-two')];
        const next = (session: CatalogSession): Promise<number[]> =>
          session
            .knex('backup_schedules')
            .whereIn('id', ids)
            .orderBy('id')
            .limit(1)
            .forUpdate()
            .skipLocked()
            .pluck('id');
        const [first] = ids;
        await transaction(catalog, async (session) => {
          expect(await next(session)).toEqual([first]);
          if (engine.name === 'MariaDB') expect(await transaction(other, next)).toEqual([ids[1]]);
        });
        expect(await transaction(other, next)).toEqual([first]);
      });
    });

    it('is closed once, however often it is asked', async () => {
      const third = await connectCatalog(settings);
      await Promise.all([third.close(), third.close()]);
      await third.close();
      await rejection(third.knex.raw('select 1'));
    });
  });
}
