/** What happens to something that stands in the target already. */
export const overwriteRules = [
  /** It is written anew; what stands there is not looked at. */
  'always',
  /** Its content is compared, and what differs is written. */
  'if-changed',
  /** The same, but what has the time of the point or a later one is kept as it is. */
  'if-newer',
  /** It is kept as it is. */
  'never',
] as const;
export type OverwriteRule = (typeof overwriteRules)[number];
