import type { TaskProgress } from '@enterprise-backup/contracts/progress';
import type { TaskResult } from '@enterprise-backup/contracts/tasks';

/** The progress of a task that ended with this result: everything is done. */
export function finalProgress(result: TaskResult): TaskProgress {
  const { bytes, files } = amountOf(result);
  return { phase: 'done', bytes_done: bytes, bytes_total: bytes, files_done: files, files_total: files };
}

function amountOf(result: TaskResult): { readonly bytes: number; readonly files: number } {
  switch (result.kind) {
    case 'backup':
      return {
        bytes: result.bytes_processed,
        files: result.files_new + result.files_changed + result.files_unmodified,
      };
    case 'recovery':
      return { bytes: result.bytes_total, files: result.files_total };
    case 'verify':
      return { bytes: result.bytes_verified, files: result.files_verified };
    case 'forget':
      return { bytes: 0, files: 0 };
  }
}
