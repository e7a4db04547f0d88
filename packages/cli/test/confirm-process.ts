import { toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import { confirm } from '../src/deploy/confirm.ts';

/** Asks, and prints what came of it. */
try {
  await confirm('This will delete all.', 'delete', new AbortController().signal);
  console.log('AGREED');
} catch (error) {
  console.log(toErrorReport(toPlatformError(error)).code);
}
