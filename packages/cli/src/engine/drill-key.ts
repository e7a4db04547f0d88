import { PlatformError } from '@enterprise-backup/contracts/errors';
import { drillKey } from '@enterprise-backup/repository/key-drill';
import { openStorageLazily } from '@enterprise-backup/repository/open-storage-lazily';
import type { CommandContext } from '../command-context.ts';
import { readPasswordFile } from '../files/read-password-file.ts';
import { formatCounted } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { safeText } from '../format/safe-text.ts';
import { formatSize } from '../format/size.ts';
import { withEngineProgress } from '../progress/engine-progress.ts';
import { writeFields } from '../views/fields.ts';
import { describeStorage } from './describe-storage.ts';
import type { RepositoryOptions } from './open-named-repository.ts';

export interface DrillCommandOptions extends RepositoryOptions {
  readonly packs: number;
  readonly trees: number;
}

/** Proves a stored password and tells what it decrypted. Throws what opening throws, and FINDINGS when something could not be decrypted. */
export async function drill(context: CommandContext, options: DrillCommandOptions): Promise<void> {
  const { output, signal, clock } = context;
  const password = await readPasswordFile(options.passwordFile);
  const { packs, trees } = options;
  const storage = await openStorageLazily(describeStorage(options));
  const result = await withEngineProgress(context, 'drill', (onProgress) =>
    drillKey(storage, password, clock, { packs, trees, onProgress, signal }),
  );
  output.object({ key_drill: result });
  for (const failure of result.failures) output.line(`${output.paint('bad', 'error')} ${safeText(failure)}`);
  output.line(`The password opens the repository; decrypted in ${formatDuration(result.duration_seconds)}:`);
  writeFields(output, [
    ['key', result.key_id],
    ['snapshots', String(result.snapshots_decrypted)],
    ['folders', String(result.trees_decrypted)],
    ['packs', `${result.packs_decrypted}, with ${formatCounted(result.blobs_decrypted, 'blob')}`],
    ['read', formatSize(result.bytes_read)],
  ]);
  if (result.failures.length === 0) return;
  throw new PlatformError('FINDINGS', `${formatCounted(result.failures.length, 'thing')} could not be decrypted`);
}
