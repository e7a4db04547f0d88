/** The environment that agents inherit, as credentials of a repository in S3 and the path of system tools come from it. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
