import type { ErrorReport } from '@enterprise-backup/contracts/errors';

/** The error of a record as fields of {@link writeFields}. */
export function errorFields(error: ErrorReport | null): readonly (readonly [string, string | null])[] {
  return error === null
    ? []
    : [
        ['error', `${error.code}: ${error.message}`],
        ['hint', error.hint],
      ];
}
