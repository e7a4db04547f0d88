import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  RecordLifecycleActionHeartbeatCommand,
} from '@aws-sdk/client-auto-scaling';
import { drainHookName } from '@enterprise-backup/contracts/names';
import { requestHandler } from './request-limits.ts';

/** The hook of an Auto Scaling group that holds this instance before its end. Both throw the service's error. */
export interface LifecycleAction {
  /** Starts the hook's time anew. */
  heartbeat(): Promise<void>;
  /** Lets the instance end. */
  complete(): Promise<void>;
}

/** The hook of the group `groupName` for this instance. The SDK finds region, credentials and endpoint in its usual places. */
export function lifecycleAction(groupName: string, instanceId: () => Promise<string>): LifecycleAction {
  const client = new AutoScalingClient({ maxAttempts: 3, requestHandler });
  const held = async () => ({
    AutoScalingGroupName: groupName,
    LifecycleHookName: drainHookName,
    InstanceId: await instanceId(),
  });
  return {
    heartbeat: async () => {
      await client.send(new RecordLifecycleActionHeartbeatCommand(await held()));
    },
    complete: async () => {
      const command = new CompleteLifecycleActionCommand({
        ...(await held()),
        LifecycleActionResult: 'CONTINUE',
      });
      await client.send(command);
    },
  };
}
