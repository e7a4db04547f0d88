import { fromErrorReport, PlatformError } from '@enterprise-backup/contracts/errors';
import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
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
    // The outcome stands in another row than the status, so that an answer may hold the one and not yet the other.
    statusOf: ({ verification_status, verification }) =>
      verification_status === 'completed' && verification === null ? 'running' : (verification_status ?? 'pending'),
    // The recovery's own progress has ended before.
    progressOf: () => null,
  });
}

/** Throws when a verification has ended without an outcome, and VERIFY_MISMATCH when it has found a difference. */
export function assertVerified({ recovery_id, verification, ...recovery }: RecoveryView): void {
  const { verification_status: status, verification_error: error } = recovery;
  if (error !== null && status === 'failed') {
    throw fromErrorReport({ code: error.code, message: `the verification of ${recovery_id} failed: ${error.message}` });
  }
  if (verification === null) throw new PlatformError('CANCELLED', `the verification of ${recovery_id} has no outcome`);
  if (verification.mismatch_count > 0) {
    const found = formatCounted(verification.mismatch_count, 'difference');
    throw new PlatformError('VERIFY_MISMATCH', `what ${recovery_id} wrote has ${found} from its recovery point`);
  }
}
