import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { jsonLog } from './json-log.ts';
import { watchInstance, type InstanceWatch } from './watch-instance.ts';

let announced: Map<string, string>;
let calls: string[];
let log: string;
let now: number;
let drained: PromiseWithResolvers<undefined>;
let metadataFails: boolean;
let completeFails: number;

beforeEach(() => {
  announced = new Map();
  calls = [];
  log = '';
  now = 0;
  drained = Promise.withResolvers();
  metadataFails = false;
  completeFails = 0;
});

const once = (call: string): void => {
  if (!calls.includes(call)) calls.push(call);
};

function watch(): InstanceWatch {
  const watched = watchInstance({
    metadata: {
      read: (path) =>
        metadataFails
          ? Promise.reject(new PlatformError('METADATA_UNAVAILABLE', 'no answer'))
          : Promise.resolve(announced.get(path) ?? null),
    },
    agent: {
      retire: () => once('retire'),
      drain: (reason) => once(`drain: ${reason}`),
      abandon: () => Promise.resolve(),
      finished: drained.promise,
    },
    lifecycle: {
      heartbeat: async () => void calls.push('heartbeat'),
      complete: async () => {
        completeFails -= 1;
        if (completeFails >= 0) throw new PlatformError('FUNCTION_UNAVAILABLE', 'not yet');
        calls.push('complete');
      },
    },
    finishSeconds: () => 600,
    monotonic: () => now,
    log: jsonLog({ clock: systemClock, write: (line) => (log += line) }),
    everySeconds: 0.001,
  });
  onTestFinished(() => watched.close());
  return watched;
}

/** Whether it is released soon; what is meant to hold is only ever asked for the answer no. */
const isReleased = async (watched: InstanceWatch): Promise<boolean> => {
  let released = false;
  void watched.released().then(() => (released = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  return released;
};

it('does nothing while nothing is announced', async () => {
  await watch().released();
  expect(calls).toEqual([]);
});

it('holds the instance while work finishes, then lets it go', async () => {
  announced.set('autoscaling/target-lifecycle-state', 'Terminated');
  const watched = watch();
  await expect.poll(() => calls).toEqual(['retire', 'heartbeat']);
  expect(await isReleased(watched)).toBe(false);
  now = 300_000;
  await expect.poll(() => calls.filter((call) => call === 'heartbeat').length).toBe(2);
  // Auto Scaling refuses it until the hook has begun.
  completeFails = 2;
  drained.resolve(undefined);
  await watched.released();
  expect(calls).toEqual(['retire', 'heartbeat', 'heartbeat', 'complete']);
  expect(log.match(/cannot be watched/g)).toHaveLength(1);
});

it('gives running work back when its time is over', async () => {
  announced.set('autoscaling/target-lifecycle-state', 'Terminated');
  watch();
  await expect.poll(() => calls).toContain('heartbeat');
  expect(calls.join()).not.toContain('drain');
  now = 600_000;
  await expect.poll(() => calls).toContain('drain: the time to finish is over');
});

it('gives work back at once when Spot takes the instance', async () => {
  const watched = watch();
  announced.set('spot/instance-action', '{"action": "terminate"}');
  await expect.poll(() => calls).toEqual(['retire', 'drain: Spot takes the instance back in two minutes']);
  drained.resolve(undefined);
  expect(await isReleased(watched)).toBe(false);
  announced.set('autoscaling/target-lifecycle-state', 'Terminated');
  await watched.released();
  expect(calls.at(-1)).toBe('complete');
});

it('only takes nothing new when Spot may take the instance', async () => {
  announced.set('events/recommendations/rebalance', '{}');
  watch();
  await expect.poll(() => calls).toEqual(['retire']);
});

it('goes on after the metadata service failed, and says so once', async () => {
  metadataFails = true;
  const watched = watch();
  await expect.poll(() => log).toContain('METADATA_UNAVAILABLE');
  metadataFails = false;
  announced.set('events/recommendations/rebalance', '{}');
  await expect.poll(() => calls).toEqual(['retire']);
  expect(log.match(/cannot be watched/g)).toHaveLength(1);
  expect(await isReleased(watched)).toBe(false);
  watched.close();
  await watched.released();
});
