import type { BackupType } from '@enterprise-backup/contracts/catalog';
import { formatCount } from '../format/count.ts';
import type { PlatformClient } from '../platform/platform-client.ts';
import { backUpSource, type MadeBackup } from './back-up-source.ts';
import { changeFiles } from './change-files.ts';
import { chooseFreshFolder } from './fresh-folder.ts';
import { proveRecovery } from './prove-recovery.ts';
import { recoverFresh } from './recover-fresh.ts';
import type { StartPlaces } from './start-places.ts';
import type { Story } from './story.ts';

/** What came of a demonstration. */
export interface Demonstration {
  readonly newest: MadeBackup;
  /** The folder that was recovered into and proven. */
  readonly recovered: string;
}

/**
 * Protects the source three times, recovers the newest point and proves it against the source. Between the backups the
 * working copy is changed; a person's own source is left as it is.
 */
export async function demonstrate(
  story: Story,
  platform: PlatformClient,
  places: StartPlaces,
  sourceSystem: string,
): Promise<Demonstration> {
  const backUp = (type: BackupType): Promise<MadeBackup> => backUpSource(story, platform, sourceSystem, type);
  const full = await backUp('full');
  await changeWorkingCopy(story, places, full);
  const incremental = await backUp('incremental');
  await changeWorkingCopy(story, places, incremental);
  const newest = await backUp('differential');
  const { backup_id } = newest.job;
  const recovered = await chooseFreshFolder(places, backup_id);
  await recoverFresh(story, platform, backup_id, recovered);
  await proveRecovery(story, places, newest, recovered);
  return { newest, recovered };
}

/** The id of the backup before numbers the round: no two rounds change the same files. */
async function changeWorkingCopy(story: Story, places: StartPlaces, before: MadeBackup): Promise<void> {
  if (places.sourceIsOwn) return;
  const changes = await changeFiles(places.source, before.job.backup_id);
  const text = (['modified', 'added', 'removed', 'renamed'] as const)
    .map((kind) => `${formatCount(changes[kind].length)} ${kind}`)
    .join(', ');
  story.done('changes', text, { changes });
}
