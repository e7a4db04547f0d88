import type { InstanceMetadata } from './instance-metadata.ts';

/** What the metadata service says about the end of the instance; null where it says nothing. */
export interface InstanceNotices {
  /** The state that Auto Scaling brings the instance to, such as `InService` or `Terminated`. */
  readonly targetLifecycleState: string | null;
  /** JSON with `action` and `time`: Spot takes the instance back two minutes after the notice. */
  readonly spotAction: string | null;
  /** JSON with `noticeTime`: the risk that Spot takes the instance back has risen. */
  readonly rebalance: string | null;
}

/** What an agent does about its instance's end. */
export interface InstanceOutlook {
  /** Whether it takes new tasks. */
  readonly claims: boolean;
  /** `may_finish`: running work goes on while there is time for it; `give_back`: it is stopped now. */
  readonly running: 'goes_on' | 'may_finish' | 'give_back';
  /** Whether Auto Scaling holds the instance until its lifecycle action is completed. */
  readonly isHeld: boolean;
  readonly reason: string;
}

/**
 * Reads the three notices. Throws METADATA_UNAVAILABLE.
 *
 * Their addresses and meaning: https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html and
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export async function readInstanceNotices(metadata: InstanceMetadata): Promise<InstanceNotices> {
  const [targetLifecycleState, spotAction, rebalance] = await Promise.all([
    metadata.read('autoscaling/target-lifecycle-state'),
    metadata.read('spot/instance-action'),
    metadata.read('events/recommendations/rebalance'),
  ]);
  return { targetLifecycleState, spotAction, rebalance };
}

/** The most urgent notice decides about the work; Auto Scaling's alone decides whether the instance is held. */
export function instanceOutlook(notices: InstanceNotices): InstanceOutlook {
  const isHeld = notices.targetLifecycleState?.trim() === 'Terminated';
  if (notices.spotAction !== null) {
    return { claims: false, running: 'give_back', isHeld, reason: 'Spot takes the instance back in two minutes' };
  }
  if (isHeld) return { claims: false, running: 'may_finish', isHeld, reason: 'Auto Scaling ends the instance' };
  if (notices.rebalance !== null) {
    return { claims: false, running: 'may_finish', isHeld, reason: 'Spot may soon take the instance back' };
  }
  return { claims: true, running: 'goes_on', isHeld, reason: 'nothing is announced' };
}
