import { skippedItemsKept } from '@enterprise-backup/contracts/skipped-items-kept';
import type { SkippedItem } from '@enterprise-backup/contracts/tasks';
import { displayPath } from './display-path.ts';

/** Collects what was left out: all of it is counted, the first hundred are named. */
export class SkippedItems {
  readonly kept: SkippedItem[] = [];
  count = 0;

  /** `path` in bytes; `message` says why as the rest of a sentence. */
  add(path: Buffer, code: string, message: string): void {
    this.count += 1;
    if (this.kept.length < skippedItemsKept) this.kept.push({ path: displayPath(path), code, message });
  }
}
