/** The code of an error of the operating system, such as ENOENT; `unknown` for anything else that was thrown. */
export function systemErrorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'unknown';
}
