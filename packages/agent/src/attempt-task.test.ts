import { PlatformError } from '@enterprise-backup/contracts/errors';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { claimedTask, type TaskResult } from '@enterprise-backup/contracts/tasks';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { AgentParts } from './agent.ts';
import { attemptTask } from './attempt-task.ts';
import { jsonLog } from './json-log.ts';
import type { TaskRunner } from './run-task.ts';
import { fixedSettings } from './settings-file.ts';
import { defaultAgentSettings } from './settings.ts';

const task = claimedTask.parse({
  task_id: 'task-7',
  lease: { owner: 'agent-1', generation: 1, expires_at: '2026-11-22T23:01:00Z' },
  specification: {
    kind: 'forget',
    repository: { repository_id: 'repository-1', location: '/srv/repository', password_secret: 'password' },
    snapshot_ids: [],
  },
});
const held = { task_id: 'task-7', agent_id: 'agent-1', generation: 1 };
const result: TaskResult = { kind: 'forget', snapshot_ids: [] };
const unavailable = new PlatformError('FUNCTION_UNAVAILABLE', 'no answer');

type Script = Partial<Record<string, (object | Error)[]>>;

let calls: { readonly action: string; readonly request: Record<string, unknown> }[];
let drain: AbortController;
let hurry: AbortController;

beforeEach(() => {
  calls = [];
  drain = new AbortController();
  hurry = new AbortController();
});

/** Runs an attempt against an orchestrator that answers each action with what its script says, then with nothing special. */
async function attempt(runTask: TaskRunner, script: Script = {}, progress_seconds = 3600): Promise<void> {
  const orchestrator = (action: string, request: Record<string, unknown>): Promise<unknown> => {
    calls.push({ action, request });
    const answer = script[action]?.shift() ?? { lease: task.lease, cancel_requested: false };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  await attemptTask(
    { task, claimedAt: performance.now(), claimedSeconds: 60 },
    {
      agentId: 'agent-1',
      hostName: 'host',
      version: '0',
      kinds: ['forget'],
      orchestrator: orchestrator as AgentParts['orchestrator'],
      runTask,
      settings: fixedSettings({ ...defaultAgentSettings, progress_seconds }),
      limits: () => null,
      secrets: { read: () => Promise.resolve('secret') },
      clock: systemClock,
      monotonic: () => performance.now(),
      random: () => 0,
      log: jsonLog({ clock: systemClock, write: () => undefined }),
    },
    { drain: drain.signal, hurry: hurry.signal },
  );
}

/** Work that ends only when it is stopped. */
const endless: TaskRunner = (_specification, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new PlatformError('CANCELLED', 'the work was stopped before its end'));
    });
  });

it('hands in the result, through an outage', async () => {
  await attempt(() => Promise.resolve(result), { complete_task: [unavailable] });
  const handedIn = { action: 'complete_task', request: { ...held, result } };
  expect(calls).toEqual([handedIn, handedIn]);
});

it('takes a refused result as the end', async () => {
  await attempt(() => Promise.resolve(result), { complete_task: [new PlatformError('LEASE_LOST', 'gone')] });
  expect(calls.map(({ action }) => action)).toEqual(['complete_task']);
});

it('reports a result that the orchestrator cannot take as a failure', async () => {
  const refusal = new PlatformError('REQUEST_INVALID', 'result: wrong');
  await attempt(() => Promise.resolve(result), { complete_task: [refusal] });
  expect(calls.at(-1)).toMatchObject({ action: 'fail_task', request: { ...held, error: { code: 'REQUEST_INVALID' } } });
});

it('reports a failure with its code, hint and whether it passes', async () => {
  await attempt(() => Promise.reject(new PlatformError('STORAGE_FULL', 'no space')));
  expect(calls).toMatchObject([
    {
      action: 'fail_task',
      request: { ...held, error: { code: 'STORAGE_FULL', message: 'no space', retryable: true } },
    },
  ]);
});

it('reports an error that is not the platform’s own as INTERNAL', async () => {
  await attempt(() => Promise.reject(new TypeError('x is not a function')));
  expect(calls[0]?.request['error']).toMatchObject({ code: 'INTERNAL', message: 'x is not a function' });
});

it('stops cancelled work and reports it as cancelled', async () => {
  await attempt(endless, { report_progress: [{ lease: task.lease, cancel_requested: true }] }, 0.001);
  expect(calls.at(-1)).toMatchObject({ action: 'fail_task', request: { error: { code: 'CANCELLED' } } });
});

it('says nothing more after the loss of the lease', async () => {
  await attempt(endless, { report_progress: [new PlatformError('LEASE_LOST', 'gone')] }, 0.001);
  expect(calls.map(({ action }) => action)).toEqual(['report_progress']);
});

it('gives the task back when the agent drains', async () => {
  setImmediate(() => {
    drain.abort();
  });
  await attempt(endless);
  expect(calls).toEqual([{ action: 'release_task', request: held }]);
});

it('gives the task back although its work does not stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const stuck: TaskRunner = () => new Promise(() => undefined);
  const ended = attempt(stuck);
  drain.abort();
  await vi.advanceTimersByTimeAsync(9999);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await ended;
  expect(calls).toEqual([{ action: 'release_task', request: held }]);
});

it('does not even start when the agent drains already', async () => {
  drain.abort();
  await attempt(() => Promise.reject(new TypeError('it was started')));
  expect(calls).toEqual([{ action: 'release_task', request: held }]);
});

it('hands in what is finished although the agent drains', async () => {
  await attempt(() => {
    drain.abort();
    return Promise.resolve(result);
  });
  expect(calls.map(({ action }) => action)).toEqual(['complete_task']);
});

it('ends without an answer when there is no more time', async () => {
  hurry.abort();
  await attempt(() => Promise.resolve(result), { complete_task: [unavailable] });
  expect(calls.map(({ action }) => action)).toEqual(['complete_task']);
});
