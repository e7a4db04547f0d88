import { fromErrorReport, PlatformError } from '@enterprise-backup/contracts/errors';
import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { CommandContext } from '../command-context.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { waitUntilEnded } from './wait-until-ended.ts';

/** Shows the progress of a recovery until it has ended, and returns it. `label` names it to the person. */
export async function watchRecovery(
  context: CommandContext,
  platform: PlatformClient,
  recoveryId: string,
  label: string,
): Promise<RecoveryView> {
  return waitUntilEnded<RecoveryView>(context, {
    label,
    ask: async () => (await platform.recovery('progress', { recovery_id: recoveryId })).recovery,
    statusOf: (recovery) => recovery.status,
    progressOf: (recovery) => recovery.progress,
  });
}

/** Throws the error of a recovery that has failed or was cancelled, so that the command ends as its kind demands. */
export function assertRecoveryCompleted(recovery: RecoveryView): void {
  const { recovery_id, status, error } = recovery;
  if (status === 'cancelled') throw new PlatformError('CANCELLED', `${recovery_id} was cancelled`);
  if (status !== 'failed') return;
  if (error === null) throw new PlatformError('INTERNAL', `${recovery_id} has failed without an error`);
  throw fromErrorReport({ code: error.code, message: `${recovery_id} has failed: ${error.message}` });
}
