import { PlatformError } from '@enterprise-backup/contracts/errors';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { claimedTask, type ClaimedTask, type TaskResult } from '@enterprise-backup/contracts/tasks';
import { beforeEach, expect, it } from 'vitest';
import { startAgent, type Agent, type AgentParts } from './agent.ts';
import { jsonLog } from './json-log.ts';
import type { TaskRunner } from './run-task.ts';
import { fixedSettings } from './settings-file.ts';
import { defaultAgentSettings } from './settings.ts';

interface Call {
  readonly action: string;
  readonly request: Readonly<Record<string, unknown>>;
}

let calls: Call[];
/** What the next claims answer; null when it is empty. */
let waiting: (ClaimedTask | Error | Promise<ClaimedTask>)[];

beforeEach(() => {
  calls = [];
  waiting = [];
});

const taskOf = (id: number): ClaimedTask =>
  claimedTask.parse({
    task_id: `task-${id}`,
    lease: { owner: 'agent-1', generation: 1, expires_at: '2026-11-22T23:01:00Z' },
    specification: {
      kind: 'forget',
      repository: { repository_id: 'repository-1', location: '/srv/repository', password_secret: 'password' },
      snapshot_ids: [],
    },
  });

function start(runTask: TaskRunner, workers = 1): Agent {
  const orchestrator = async (action: string, request: Record<string, unknown>): Promise<unknown> => {
    calls.push({ action, request });
    if (action !== 'claim_task') return { task_id: request['task_id'], will_retry: true, cancel_requested: false };
    const next = request['state'] === 'draining' ? null : ((await waiting.shift()) ?? null);
    if (next instanceof Error) throw next;
    return { task: next };
  };
  return startAgent({
    agentId: 'agent-1',
    hostName: 'host',
    version: '0',
    kinds: ['forget'],
    orchestrator: orchestrator as AgentParts['orchestrator'],
    runTask,
    settings: fixedSettings({ ...defaultAgentSettings, poll_seconds: 0.001, workers }),
    limits: () => null,
    secrets: { read: () => Promise.resolve('secret') },
    clock: systemClock,
    monotonic: () => performance.now(),
    random: () => 0,
    log: jsonLog({ clock: systemClock, write: () => undefined }),
  });
}

const endsOf = (action: string): unknown[] =>
  calls.filter((call) => call.action === action).map(({ request }) => request['task_id']);

/** Work that ends only when it is stopped; counts how much of it runs at a time. */
function endlessWork(): { readonly runTask: TaskRunner; readonly running: () => number } {
  let running = 0;
  const runTask: TaskRunner = (_specification, { signal }) => {
    running += 1;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        running -= 1;
        reject(new PlatformError('CANCELLED', 'the work was stopped before its end'));
      });
    });
  };
  return { runTask, running: () => running };
}

it('takes one task after the other, also after an outage', async () => {
  waiting = [taskOf(1), new PlatformError('FUNCTION_UNAVAILABLE', 'no answer'), taskOf(2), taskOf(3)];
  const agent = start(() => Promise.resolve({ kind: 'forget', snapshot_ids: [] }));
  await expect.poll(() => endsOf('complete_task')).toEqual(['task-1', 'task-2', 'task-3']);
  agent.drain('test');
  await agent.finished;
});

it('works on as many tasks at a time as it is set to, and asks for no more meanwhile', async () => {
  waiting = [taskOf(1), taskOf(2), taskOf(3)];
  const { runTask, running } = endlessWork();
  const agent = start(runTask, 2);
  await expect.poll(running).toBe(2);
  expect(waiting).toHaveLength(1);
  agent.drain('test');
  agent.drain('again');
  await agent.finished;
  expect(endsOf('release_task')).toEqual(['task-1', 'task-2']);
  expect(calls.at(-1)).toMatchObject({ action: 'claim_task', request: { state: 'draining' } });
});

it('lets running work finish when it retires, and takes nothing new', async () => {
  waiting = [taskOf(1), taskOf(2)];
  const work = Promise.withResolvers<TaskResult>();
  const agent = start(() => work.promise);
  await expect.poll(() => waiting.length).toBe(1);
  agent.retire('test');
  agent.retire('again');
  work.resolve({ kind: 'forget', snapshot_ids: [] });
  await agent.finished;
  expect(endsOf('complete_task')).toEqual(['task-1']);
  expect(waiting).toHaveLength(1);
});

it('gives back what still runs when it is drained after it retired', async () => {
  waiting = [taskOf(1)];
  const { runTask, running } = endlessWork();
  const agent = start(runTask);
  await expect.poll(running).toBe(1);
  agent.retire('test');
  agent.drain('the time is over');
  await agent.finished;
  expect(endsOf('release_task')).toEqual(['task-1']);
});

it.each(['drain', 'retire'] as const)('gives back a task that was granted while it began to %s', async (end) => {
  const granted = Promise.withResolvers<ClaimedTask>();
  waiting = [granted.promise];
  const agent = start(() => Promise.reject(new TypeError('it was started')));
  await expect.poll(() => calls.length).toBe(1);
  agent[end]('test');
  granted.resolve(taskOf(1));
  await agent.finished;
  expect(endsOf('release_task')).toEqual(['task-1']);
});

it('tells of every running task when its process is about to end', async () => {
  waiting = [taskOf(1), taskOf(2)];
  const { runTask, running } = endlessWork();
  const agent = start(runTask, 2);
  await expect.poll(running).toBe(2);
  await agent.abandon(new TypeError('nothing caught this'));
  const failed = calls.filter(({ action }) => action === 'fail_task');
  expect(failed.map(({ request }) => request)).toMatchObject([
    { task_id: 'task-1', agent_id: 'agent-1', generation: 1, error: { code: 'INTERNAL' } },
    { task_id: 'task-2', error: { message: 'nothing caught this' } },
  ]);
  agent.drain('test');
  await agent.finished;
});
