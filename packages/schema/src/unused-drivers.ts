/**
 * Packages that knex names for engines which the catalog does not use. They are not installed: a bundler must leave
 * these names as they are (esbuild's `external`) and will never see them called.
 */
export const unusedDrivers: readonly string[] = [
  'better-sqlite3',
  'mariadb',
  'mysql',
  'oracledb',
  'pg',
  'pg-query-stream',
  'sqlite3',
  'tedious',
];
