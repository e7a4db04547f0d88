import { describe, expect, it } from 'vitest';
import { judgeProtection, type ProtectionFacts } from './protection-verdict.ts';

const nightly = {
  job_name: 'nightly',
  cron_expression: '0 2 * * *',
  time_zone: 'UTC',
  since: '2026-05-01T00:00:00.000Z',
};

const facts = (fields: Partial<ProtectionFacts>): ProtectionFacts => ({
  schedules: [nightly],
  covered_until: '2026-05-10T02:00:20.000Z',
  last_failure: null,
  running_since: null,
  ...fields,
});

const judge = (fields: Partial<ProtectionFacts>, now: string) => judgeProtection(facts(fields), new Date(now));

describe('a source', () => {
  it('is protected from one due time to the next and through the grace', () => {
    expect(judge({}, '2026-05-10T12:00:00Z')).toMatchObject({ verdict: 'protected', overdue_since: null });
    expect(judge({}, '2026-05-11T02:59:59Z')).toMatchObject({ verdict: 'protected', overdue_since: null });
  });

  it('is overdue when the grace has passed without a point', () => {
    expect(judge({}, '2026-05-11T03:00:00Z')).toEqual({
      verdict: 'overdue',
      reason: 'the backup of nightly due at 2026-05-11T02:00:00.000Z is missing',
      overdue_since: new Date('2026-05-11T02:00:00Z'),
    });
  });

  it('is not overdue while the backup of that due time runs, but is when the next one is missing too', () => {
    const running_since = '2026-05-11T02:00:30.000Z';
    expect(judge({ running_since }, '2026-05-11T20:00:00Z').verdict).toBe('protected');
    expect(judge({ running_since }, '2026-05-12T04:00:00Z').verdict).toBe('overdue');
  });

  it('owes nothing for the time before its schedule was made or changed', () => {
    const schedules = [{ ...nightly, since: '2026-05-11T02:30:00.000Z' }];
    expect(judge({ schedules }, '2026-05-11T12:00:00Z').verdict).toBe('protected');
  });

  it('is not covered by a backup that began before the due time', () => {
    expect(judge({ covered_until: '2026-05-11T01:59:00.000Z' }, '2026-05-11T04:00:00Z').verdict).toBe('overdue');
  });

  it('is failing when its last job failed, whether or not it is overdue', () => {
    const last_failure = { code: 'SOURCE_MISSING', failed_at: '2026-05-11T02:00:40.000Z' };
    expect(judge({ last_failure }, '2026-05-11T02:10:00Z')).toEqual({
      verdict: 'failing',
      reason: 'the last job failed with SOURCE_MISSING at 2026-05-11T02:00:40.000Z',
      overdue_since: null,
    });
    expect(judge({ last_failure }, '2026-05-11T04:00:00Z').overdue_since).toEqual(new Date('2026-05-11T02:00:00Z'));
  });

  it('was never protected without a point', () => {
    expect(judge({ covered_until: null }, '2026-05-01T01:00:00Z')).toEqual({
      verdict: 'never',
      reason: 'it has no recovery point yet',
      overdue_since: null,
    });
    expect(judge({ covered_until: null }, '2026-05-02T04:00:00Z').reason).toBe(
      'it has no recovery point, and the backup of nightly due at 2026-05-02T02:00:00.000Z is missing',
    );
    const last_failure = { code: 'PASSWORD_WRONG', failed_at: '2026-05-02T02:00:40.000Z' };
    expect(judge({ covered_until: null, last_failure }, '2026-05-02T02:10:00Z').reason).toContain('PASSWORD_WRONG');
  });

  it('without a schedule is protected by what it has, and the reason says what is missing', () => {
    expect(judge({ schedules: [] }, '2027-05-10T12:00:00Z')).toMatchObject({
      verdict: 'protected',
      reason: 'its newest point covers 2026-05-10T02:00:20.000Z, but no enabled schedule makes the next one',
    });
  });

  it('with a schedule that cannot be read is overdue', () => {
    const schedules = [{ ...nightly, cron_expression: 'every night' }];
    const judged = judge({ schedules }, '2026-05-10T12:00:00Z');
    expect(judged.verdict).toBe('overdue');
    expect(judged.reason).toMatch(/^the schedule nightly never runs: /);
  });

  it('is judged by the schedule that has waited longest', () => {
    const hourly = { ...nightly, job_name: 'hourly', cron_expression: '0 * * * *' };
    expect(judge({ schedules: [hourly, nightly] }, '2026-05-11T06:00:00Z').reason).toContain('nightly');
  });
});
