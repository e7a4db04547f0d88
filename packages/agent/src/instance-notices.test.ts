import { expect, it } from 'vitest';
import { instanceOutlook, readInstanceNotices } from './instance-notices.ts';

const nothing = { targetLifecycleState: null, spotAction: null, rebalance: null };
const spotAction = '{"action": "terminate", "time": "2026-11-23T03:02:00Z"}';

it('works on while nothing is announced', () => {
  expect(instanceOutlook(nothing)).toMatchObject({ claims: true, running: 'goes_on', isHeld: false });
  expect(instanceOutlook({ ...nothing, targetLifecycleState: 'InService' })).toMatchObject({ claims: true });
});

it('takes nothing new when the instance will end, and lets work finish', () => {
  const held = instanceOutlook({ ...nothing, targetLifecycleState: 'Terminated' });
  expect(held).toMatchObject({ claims: false, running: 'may_finish', isHeld: true });
  const atRisk = instanceOutlook({ ...nothing, rebalance: '{"noticeTime": "2026-11-23T03:00:00Z"}' });
  expect(atRisk).toMatchObject({ claims: false, running: 'may_finish', isHeld: false });
});

it('gives work back when Spot takes the instance, whatever else is announced', () => {
  expect(instanceOutlook({ ...nothing, spotAction })).toMatchObject({ running: 'give_back', isHeld: false });
  const both = instanceOutlook({ ...nothing, spotAction, targetLifecycleState: 'Terminated' });
  expect(both).toMatchObject({ claims: false, running: 'give_back', isHeld: true });
});

it('reads where AWS writes', async () => {
  const read = (path: string): Promise<string> => Promise.resolve(path);
  expect(await readInstanceNotices({ read })).toEqual({
    targetLifecycleState: 'autoscaling/target-lifecycle-state',
    spotAction: 'spot/instance-action',
    rebalance: 'events/recommendations/rebalance',
  });
});
