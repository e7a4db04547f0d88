import type { TaskStatus } from '@enterprise-backup/contracts/catalog';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ProgressView } from '@enterprise-backup/contracts/progress';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command-context.ts';

/** What is watched: how to ask for it, and what is read from the answer. */
export interface Watched<View> {
  readonly label: string;
  readonly ask: () => Promise<View>;
  readonly statusOf: (view: View) => TaskStatus;
  readonly progressOf: (view: View) => ProgressView | null;
}

const millisecondsBetweenQuestions = 400;

/**
 * Asks again and again, showing the progress, until the work has ended in whatever way, and returns the last answer. Throws
 * CANCELLED when the person stops watching (the work itself goes on), and what asking throws.
 */
export async function waitUntilEnded<View>(context: CommandContext, watched: Watched<View>): Promise<View> {
  const display = context.output.progress(watched.label);
  try {
    for (;;) {
      if (context.signal.aborted) throw stopped(watched.label);
      const view = await watched.ask();
      const status = watched.statusOf(view);
      if (status !== 'pending' && status !== 'running') return view;
      const progress = watched.progressOf(view);
      if (progress !== null) display.update(progress);
      await delay(millisecondsBetweenQuestions, undefined, { signal: context.signal }).catch(() => undefined);
    }
  } finally {
    display.stop();
  }
}

function stopped(label: string): PlatformError {
  return new PlatformError('CANCELLED', `stopped watching the ${label}; the platform goes on with it`);
}
