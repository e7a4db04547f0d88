import { viewProgress } from '@enterprise-backup/contracts/progress-view';
import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { CommandContext } from '../command-context.ts';

/** Runs work of the engine and shows its progress under `label` while it lasts. */
export async function withEngineProgress<Result>(
  context: CommandContext,
  label: string,
  work: (onProgress: (progress: TaskProgress) => void) => Promise<Result>,
): Promise<Result> {
  const display = context.output.progress(label);
  const since = context.clock.now();
  try {
    return await work((progress) => {
      display.update(viewProgress({ status: 'running', progress, since }, context.clock.now()));
    });
  } finally {
    display.stop();
  }
}
