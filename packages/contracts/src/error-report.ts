import * as z from 'zod';
import type { ErrorReport } from './errors.ts';

/** An error as it stands in JSON: in the catalog, in progress answers and in `--json` output. */
export const errorReport = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
}) satisfies z.ZodType<ErrorReport>;

/** What Lambda answers when a handler throws (`X-Amz-Function-Error: Unhandled`). */
export const functionError = z.object({ errorType: z.string(), errorMessage: z.string() });
