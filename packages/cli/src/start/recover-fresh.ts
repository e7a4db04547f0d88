import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { RecoveryView } from '@enterprise-backup/contracts/recovery';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { writeSkippedItems } from '../views/skipped-items.ts';
import { assertRecoveryCompleted, watchRecovery } from '../watch/watch-recovery.ts';
import type { Story } from './story.ts';
import { recoveryRow } from './summary-rows.ts';
import { freshTarget } from './system-names.ts';

/**
 * Recovers a point into a folder through the recovery function and tells about it. Throws the error of the recovery when
 * it fails, and CANCELLED on Ctrl-C.
 */
export async function recoverFresh(
  story: Story,
  platform: PlatformClient,
  backupId: string,
  folder: string,
): Promise<RecoveryView> {
  const { context } = story;
  await platform.orchestrator('register_target', {
    target_system: freshTarget,
    settings: { kind: 'filesystem', path: folder },
  });
  const started = await platform.recovery('start', { backup_id: backupId, target_system: freshTarget });
  const recovery = await watchRecovery(context, platform, started.recovery.recovery_id, 'recovery');
  assertRecoveryCompleted(recovery);
  const { result, recovery_id } = recovery;
  if (result === null) throw new PlatformError('INTERNAL', `${recovery_id} is completed without a result`);
  story.rows.push(recoveryRow('recovery', result));
  const text = [
    `${recovery_id} of ${backupId}: ${formatCounted(result.files_written, 'file')}`,
    `${formatSize(result.bytes_written)}, verified`,
    formatDuration(result.duration_seconds),
  ].join(', ');
  story.done('recovery', text, { recovery_id, backup_id: backupId, folder, result });
  writeSkippedItems(context.output, '   not restored:', result.skipped, result.skipped_count);
  return recovery;
}
