import type { z } from 'zod';
import { PlatformError } from './errors.ts';

/** Checks a request at the border. Throws REQUEST_INVALID that names every wrong field. */
export function validateRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PlatformError('REQUEST_INVALID', `the request is not valid: ${describeIssues(parsed.error)}`);
}

/** Checks an answer where it arrives. Throws RESPONSE_INVALID that names every wrong field. */
export function validateResponse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PlatformError('RESPONSE_INVALID', `the answer is not valid: ${describeIssues(parsed.error)}`);
}

/** One line about all issues of a failed check: `field: what is wrong; field: what is wrong`. Holds no field's value. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`))
    .join('; ');
}
