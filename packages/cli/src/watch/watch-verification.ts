import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { CommandContext } from '../command-context.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { waitUntilEnded } from './wait-until-ended.ts';

/** Waits for the outcome of a verification that was just asked for, and returns the recovery that holds it. */
export async function watchVerification(
  context: CommandContext,
  platform: PlatformClient,
  asked: RecoveryView,
): Promise<RecoveryView> {
  return waitUntilEnded<RecoveryView>(context, {
    label: `verification of ${asked.recovery_id}`,
    ask: async () => (await platform.recovery('progress', { recovery_id: asked.recovery_id })).recovery,
    statusOf: (recovery) => (recovery.verification === null ? 'running' : 'completed'),
    progressOf: (recovery) => recovery.progress,
  });
}
