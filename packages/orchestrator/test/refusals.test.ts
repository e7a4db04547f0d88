import { expect, it } from 'vitest';
import { describeOnEachEngine } from './each-engine.ts';
import { claimSome, makePoint, registerSource } from './orchestrator-under-test.ts';

const filesystem = { kind: 'filesystem', path: '/srv/x' };
const repository = { location: '/backup/x', password_secret: 'x' };
const held = { task_id: 'task-1', agent_id: 'agent-1', generation: 1 };
const progress = { phase: 'reading', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null };
const schedule = { job_name: 'other', source_system: 'files-01', cron_expression: '0 2 * * *' };
const claim = { agent_id: 'a', host_name: 'h', version: '1', kinds: ['backup'] };

const refused: readonly (readonly [string, unknown, string])[] = [
  ['nothing', undefined, 'REQUEST_INVALID'],
  ['a text', 'tick', 'REQUEST_INVALID'],
  ['a list', [{ action: 'tick' }], 'REQUEST_INVALID'],
  ['no action', { source_system: 'files-01' }, 'ACTION_UNKNOWN'],
  ['an unknown action', { action: 'drop_tables' }, 'ACTION_UNKNOWN'],
  ['an action that is no text', { action: 7 }, 'ACTION_UNKNOWN'],
  ['an action of every object', { action: 'constructor' }, 'ACTION_UNKNOWN'],
  ['a field too many', { action: 'tick', force: true }, 'REQUEST_INVALID'],
  [
    'a source without a repository',
    { action: 'register_source', source_system: 'x', settings: filesystem },
    'REQUEST_INVALID',
  ],
  [
    'a source with a path that climbs',
    { action: 'register_source', source_system: 'x', settings: { ...filesystem, path: '/srv/../etc' }, repository },
    'REQUEST_INVALID',
  ],
  [
    'a source of an unknown kind',
    { action: 'register_source', source_system: 'x', settings: { kind: 'tape' }, repository },
    'REQUEST_INVALID',
  ],
  [
    'a source with a name for a shell',
    { action: 'register_source', source_system: '$(id)', settings: filesystem, repository },
    'REQUEST_INVALID',
  ],
  [
    'a repository at a place that is too long',
    {
      action: 'register_source',
      source_system: 'x',
      settings: filesystem,
      repository: { ...repository, location: `/${'x'.repeat(700)}` },
    },
    'REQUEST_INVALID',
  ],
  [
    'a target with a relative path',
    { action: 'register_target', target_system: 'x', settings: { kind: 'filesystem', path: 'x' } },
    'REQUEST_INVALID',
  ],
  [
    'a schedule of an unknown source',
    { action: 'create_schedule', ...schedule, source_system: 'files-99' },
    'SOURCE_UNKNOWN',
  ],
  ['a schedule whose name is taken', { action: 'create_schedule', ...schedule, job_name: 'nightly' }, 'NAME_TAKEN'],
  [
    'a wrong cron expression',
    { action: 'create_schedule', ...schedule, cron_expression: '0 25 * * *' },
    'CRON_INVALID',
  ],
  ['a wrong time zone', { action: 'create_schedule', ...schedule, time_zone: 'Europe/Atlantis' }, 'CRON_INVALID'],
  ['a retention of no day', { action: 'create_schedule', ...schedule, retention_days: 0 }, 'REQUEST_INVALID'],
  [
    'a change to a wrong cron expression',
    { action: 'update_schedule', schedule_id: 'schedule-$', cron_expression: 'x' },
    'CRON_INVALID',
  ],
  [
    'a change of an unknown schedule',
    { action: 'update_schedule', schedule_id: 'schedule-999999' },
    'SCHEDULE_NOT_FOUND',
  ],
  [
    'a removal of an unknown schedule',
    { action: 'delete_schedule', schedule_id: 'schedule-999999' },
    'SCHEDULE_NOT_FOUND',
  ],
  ['an id of another kind', { action: 'delete_schedule', schedule_id: 'backup-1' }, 'REQUEST_INVALID'],
  ['a preview of nothing', { action: 'preview_schedule' }, 'REQUEST_INVALID'],
  [
    'a preview of two things',
    { action: 'preview_schedule', schedule_id: 'schedule-$', cron_expression: '0 2 * * *' },
    'REQUEST_INVALID',
  ],
  [
    'a preview of an unknown schedule',
    { action: 'preview_schedule', schedule_id: 'schedule-999999' },
    'SCHEDULE_NOT_FOUND',
  ],
  [
    'a preview of too many',
    { action: 'preview_schedule', cron_expression: '0 2 * * *', count: 101 },
    'REQUEST_INVALID',
  ],
  ['a backup of an unknown source', { action: 'start_backup', source_system: 'files-99' }, 'SOURCE_UNKNOWN'],
  [
    'a backup of an unknown type',
    { action: 'start_backup', source_system: 'files-02', backup_type: 'partial' },
    'REQUEST_INVALID',
  ],
  ['a second backup of a source', { action: 'start_backup', source_system: 'files-01' }, 'JOB_ALREADY_ACTIVE'],
  ['an unknown job', { action: 'get_job', backup_id: 'backup-999999' }, 'BACKUP_NOT_FOUND'],
  ['an id that is no number', { action: 'get_job', backup_id: 'backup-1; drop table tasks' }, 'REQUEST_INVALID'],
  ['an id without its word', { action: 'get_job', backup_id: 123 }, 'REQUEST_INVALID'],
  ['a status that no job has', { action: 'list_jobs', status: 'cancelled' }, 'REQUEST_INVALID'],
  ['a limit of nothing', { action: 'list_points', limit: 0 }, 'REQUEST_INVALID'],
  ['a hold of an unknown point', { action: 'hold_point', backup_id: 'backup-999999', reason: 'x' }, 'BACKUP_NOT_FOUND'],
  ['a hold without a reason', { action: 'hold_point', backup_id: 'backup-$', reason: '' }, 'REQUEST_INVALID'],
  ['a release of an unknown point', { action: 'release_point', backup_id: 'backup-999999' }, 'BACKUP_NOT_FOUND'],
  ['a plan for an unknown source', { action: 'plan_retention', source_system: 'files-99' }, 'SOURCE_UNKNOWN'],
  ['the application of no plan', { action: 'apply_retention', plan: {} }, 'REQUEST_INVALID'],
  ['a claim of nothing', { action: 'claim_task', ...claim, kinds: [] }, 'REQUEST_INVALID'],
  ['a claim of an unknown kind', { action: 'claim_task', ...claim, kinds: ['prune'] }, 'REQUEST_INVALID'],
  ['a claim for ever', { action: 'claim_task', ...claim, lease_seconds: 86_400 }, 'REQUEST_INVALID'],
  [
    'progress of an unknown task',
    { action: 'report_progress', ...held, task_id: 'task-999999', progress },
    'TASK_NOT_FOUND',
  ],
  [
    'progress that is negative',
    { action: 'report_progress', ...held, progress: { ...progress, bytes_done: -1 } },
    'REQUEST_INVALID',
  ],
  ['a result without evidence', { action: 'complete_task', ...held, result: { kind: 'backup' } }, 'REQUEST_INVALID'],
  ['a generation of nothing', { action: 'release_task', ...held, generation: 0 }, 'REQUEST_INVALID'],
];

describeOnEachEngine('the orchestrator', (orchestrator) => {
  it('refuses each wrong request with its code, and changes nothing', async () => {
    const { call, handle, rows, clock } = orchestrator();
    await registerSource(orchestrator(), 'files-01');
    await registerSource(orchestrator(), 'files-02');
    const { backup_id } = await makePoint(orchestrator(), 'files-02');
    const { schedule: nightly } = await call('create_schedule', { ...schedule, job_name: 'nightly' });
    await call('start_backup', { source_system: 'files-01' });
    await claimSome(orchestrator());
    clock.advance(10);
    const before = await rows();
    for (const [name, event, code] of refused) {
      // `$` stands for the record that exists.
      const text = JSON.stringify(event)?.replace('schedule-$', nightly.schedule_id).replace('backup-$', backup_id);
      const named: unknown = text === undefined ? undefined : JSON.parse(text);
      const outcome = await handle(named, { awsRequestId: 'request-1' }).catch((error: unknown) => error);
      expect(outcome, name).toMatchObject({
        name: code,
        code,
        message: expect.stringMatching(/^[^A-Z]/) as unknown,
        hint: expect.stringMatching(/\.$/) as unknown,
      });
      expect(await rows(), name).toEqual(before);
    }
  });

  it('logs neither the fields of a request nor a secret', async () => {
    const { call, output } = orchestrator();
    await registerSource(orchestrator(), 'files-01', 'secret-place');
    await call('start_backup', { source_system: 'files-01', request_id: 'a-request-id' });
    await claimSome(orchestrator());
    await call('list_sources', {});
    const logged = JSON.stringify(output.entries);
    expect(logged).not.toContain('secret-place');
    expect(logged).not.toContain('/srv/');
    expect(logged).not.toContain('a-request-id');
    expect(logged).toContain('"action":"claim_task"');
  });
});
