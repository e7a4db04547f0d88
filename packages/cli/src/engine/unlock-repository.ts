import { unlockRepository } from '@enterprise-backup/repository/unlock';
import type { CommandContext } from '../command-context.ts';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

export interface UnlockCommandOptions extends RepositoryOptions {
  readonly removeAll?: boolean;
}

/** Removes locks and says of each why it went or stayed. Throws what opening throws, or a STORAGE_ error. */
export async function unlock(context: CommandContext, options: UnlockCommandOptions): Promise<void> {
  const { output } = context;
  const repository = await openNamedRepository(options, context.clock);
  const { removed, kept } = await unlockRepository(repository, { all: options.removeAll ?? false });
  output.object({ unlock: { removed, kept } });
  for (const { id, reason } of removed) output.line(`Removed ${id.slice(0, 8)}: ${safeText(reason)}.`);
  for (const { id, reason } of kept) output.line(`Kept ${id.slice(0, 8)}: ${safeText(reason)}.`);
  output.line(`Removed ${formatCounted(removed.length, 'lock')}, kept ${kept.length}.`);
}
