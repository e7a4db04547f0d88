import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import { claimedTask } from '@enterprise-backup/contracts/tasks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jsonLog } from './json-log.ts';
import { keepLease, type LeaseKeeper, type LeaseKeeperParts } from './lease-keeper.ts';
import { defaultAgentSettings } from './settings.ts';

const task = claimedTask.parse({
  task_id: 'task-7',
  lease: { owner: 'agent-1', generation: 3, expires_at: '2026-11-22T23:01:00Z' },
  specification: {
    kind: 'forget',
    repository: { repository_id: 'repository-1', location: '/srv/repository', password_secret: 'password' },
    snapshot_ids: [],
  },
});
const progressOf = (bytes_done: number): TaskProgress => ({
  phase: 'reading',
  bytes_done,
  bytes_total: null,
  files_done: 0,
  files_total: null,
});
const unavailable = new PlatformError('FUNCTION_UNAVAILABLE', 'no answer');

/** Reports that arrived: when, in seconds of the fake clock, and what. */
let reports: { readonly at: number; readonly request: Record<string, unknown> }[];
let answer: () => Promise<{ cancel_requested: boolean }>;
let lost: PlatformError[];
let lease: LeaseKeeper;

const now = (): number => performance.now() / 1000;

type FakeOrchestrator = (
  action: string,
  request: Record<string, unknown>,
  options: { readonly signal: AbortSignal },
) => Promise<unknown>;

function keep(): LeaseKeeper {
  const orchestrator: FakeOrchestrator = async (_action, request, { signal }) => {
    reports.push({ at: now(), request });
    const givenUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new PlatformError('CANCELLED', 'given up'));
      });
    });
    return { ...(await Promise.race([answer(), givenUp])), lease: task.lease };
  };
  return keepLease({
    task,
    agentId: 'agent-1',
    orchestrator: orchestrator as unknown as LeaseKeeperParts['orchestrator'],
    settings: () => ({ ...defaultAgentSettings, lease_seconds: 60, progress_seconds: 3 }),
    monotonic: () => performance.now(),
    random: () => 1,
    log: jsonLog({ clock: { now: () => new Date(0) }, write: () => undefined }),
    claimedAt: performance.now(),
    claimedSeconds: 60,
    onLost: (reason) => lost.push(reason),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  reports = [];
  lost = [];
  answer = () => Promise.resolve({ cancel_requested: false });
  lease = keep();
});

afterEach(async () => {
  await lease.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('renews at least every third of the lease while nothing changes', async () => {
  await vi.advanceTimersByTimeAsync(600_000);
  expect(lost).toEqual([]);
  expect(reports.length).toBeGreaterThanOrEqual(30);
  expect(reports.length).toBeLessThan(40);
  const gaps = reports.map(({ at }, index) => at - (reports[index - 1]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(20);
  expect(reports[0]?.request).toMatchObject({
    task_id: 'task-7',
    agent_id: 'agent-1',
    generation: 3,
    lease_seconds: 60,
    progress: { phase: 'waiting' },
  });
});

it('reports changed progress within its interval, the newest only', async () => {
  lease.onProgress(progressOf(1));
  lease.onProgress(progressOf(2));
  await vi.advanceTimersByTimeAsync(3000);
  lease.onProgress(progressOf(3));
  await vi.advanceTimersByTimeAsync(3000);
  expect(reports.map(({ request }) => request['progress'])).toEqual([progressOf(2), progressOf(3)]);
});

it('tells once that the work is to be cancelled', async () => {
  answer = () => Promise.resolve({ cancel_requested: true });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lost).toMatchObject([{ code: 'CANCELLED' }]);
});

it('tells at once that the lease was refused, and reports no more', async () => {
  answer = () => Promise.reject(new PlatformError('LEASE_LOST', 'another agent holds it'));
  await vi.advanceTimersByTimeAsync(3000);
  expect(lost).toMatchObject([{ code: 'LEASE_LOST' }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reports).toHaveLength(1);
});

it('goes on through an outage that is shorter than the lease', async () => {
  answer = () => Promise.reject(unavailable);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(reports.length).toBeGreaterThan(5);
  answer = () => Promise.resolve({ cancel_requested: false });
  await vi.advanceTimersByTimeAsync(50_000);
  expect(lost).toEqual([]);
});

it('stops the work before the end of a lease that could not be renewed', async () => {
  await vi.advanceTimersByTimeAsync(3000);
  const renewedAt = reports[0]?.at ?? 0;
  answer = () => Promise.reject(unavailable);
  await vi.advanceTimersByTimeAsync(renewedAt * 1000 + 54_000 - performance.now() - 1);
  expect(lost).toEqual([]);
  expect(lease.expired.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(lost).toMatchObject([{ code: 'LEASE_LOST' }]);
  expect(lease.expired.aborted).toBe(true);
});

it('counts a renewed lease from before the request was sent', async () => {
  answer = () =>
    new Promise((resolve) => {
      setTimeout(() => {
        resolve({ cancel_requested: false });
      }, 40_000);
    });
  await vi.advanceTimersByTimeAsync(43_000);
  expect(reports).toHaveLength(1);
  answer = () => Promise.reject(unavailable);
  await vi.advanceTimersByTimeAsync(3000 + 54_000 - 43_000 - 1);
  expect(lost).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(lost).toMatchObject([{ code: 'LEASE_LOST' }]);
});

it('stops the work while a renewal hangs', async () => {
  answer = () => new Promise(() => undefined);
  await vi.advanceTimersByTimeAsync(54_000);
  expect(lost).toMatchObject([{ code: 'LEASE_LOST' }]);
});
