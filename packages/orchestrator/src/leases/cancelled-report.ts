import { PlatformError, toErrorReport, type ErrorReport } from '@enterprise-backup/contracts/errors';

/** What stands in a task and a recovery that were cancelled on request. */
export function cancelledReport(): ErrorReport {
  return toErrorReport(new PlatformError('CANCELLED', 'it was cancelled on request'));
}
