import { readFile } from 'node:fs/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { databaseName } from '@enterprise-backup/contracts/names';
import type { CatalogSettings, MysqlCatalogSettings } from './connect.ts';
import { readSecretPassword } from './secret-password.ts';

/** Where the password of the database comes from. */
export type PasswordSource =
  | { readonly from: 'value'; readonly value: string }
  /** A file that holds the password and nothing else; one line end after it is left out. */
  | { readonly from: 'file'; readonly path: string }
  /** A secret of AWS Secrets Manager, by ARN or name. */
  | { readonly from: 'secret'; readonly id: string };

/** The catalog as an environment names it: the password is not read yet. */
export type CatalogEnvironment =
  | Extract<CatalogSettings, { engine: 'sqlite' }>
  | (Omit<MysqlCatalogSettings, 'password'> & { readonly password: PasswordSource });

type Variables = Readonly<Record<string, string | undefined>>;

const defaultPort = 3306;

/**
 * Reads where the catalog is from environment variables. `CATALOG_ENGINE` is `mysql`, which is the default, or `sqlite`.
 * SQLite needs `CATALOG_FILE`. MySQL needs `CATALOG_HOST`, `CATALOG_USER`, and `CATALOG_PASSWORD_SECRET` (a secret of
 * Secrets Manager), `CATALOG_PASSWORD_FILE` or `CATALOG_PASSWORD`; it takes `CATALOG_PORT` (3306), `CATALOG_DATABASE` (backup_metadata) and `CATALOG_TLS`: `rds`,
 * which is the default, or `off`.
 *
 * @throws PlatformError ENVIRONMENT_INVALID that names every variable that is missing or wrong, without its value.
 */
export const readCatalogEnvironment = (variables: Variables): CatalogEnvironment => {
  const wrong: string[] = [];
  const required = (name: string): string => {
    const value = variables[name] ?? '';
    if (value === '') wrong.push(`${name} is missing`);
    return value;
  };
  const engine = variables['CATALOG_ENGINE'] ?? 'mysql';
  if (engine !== 'mysql' && engine !== 'sqlite') wrong.push('CATALOG_ENGINE is neither mysql nor sqlite');
  const settings: CatalogEnvironment =
    engine === 'sqlite'
      ? { engine, file: required('CATALOG_FILE') }
      : {
          engine: 'mysql',
          host: required('CATALOG_HOST'),
          port: portOf(variables, wrong),
          user: required('CATALOG_USER'),
          password: passwordSourceOf(variables, wrong),
          database: variables['CATALOG_DATABASE'] ?? databaseName,
          tls: tlsOf(variables, wrong),
        };
  if (wrong.length > 0)
    throw new PlatformError('ENVIRONMENT_INVALID', `the environment is not valid: ${wrong.join('; ')}`);
  return settings;
};

/**
 * The settings to connect with, with the password read from its source.
 *
 * @throws PlatformError SECRET_MISSING when the password's file or secret cannot be read.
 */
export const readCatalogSettings = async (environment: CatalogEnvironment): Promise<CatalogSettings> =>
  environment.engine === 'sqlite'
    ? environment
    : { ...environment, password: await readPassword(environment.password) };

const readPassword = async (source: PasswordSource): Promise<string> => {
  if (source.from === 'value') return source.value;
  if (source.from === 'secret') return readSecretPassword(source.id);
  try {
    return (await readFile(source.path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new PlatformError('SECRET_MISSING', `the database's password cannot be read from ${source.path}`, {
      cause: error,
    });
  }
};

const portOf = (variables: Variables, wrong: string[]): number => {
  const port = Number(variables['CATALOG_PORT'] ?? defaultPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) wrong.push('CATALOG_PORT is not a port number');
  return port;
};

const passwordSourceOf = (variables: Variables, wrong: string[]): PasswordSource => {
  const id = variables['CATALOG_PASSWORD_SECRET'] ?? '';
  if (id !== '') return { from: 'secret', id };
  const path = variables['CATALOG_PASSWORD_FILE'] ?? '';
  if (path !== '') return { from: 'file', path };
  const value = variables['CATALOG_PASSWORD'] ?? '';
  if (value === '') wrong.push('CATALOG_PASSWORD_SECRET, CATALOG_PASSWORD_FILE and CATALOG_PASSWORD are missing');
  return { from: 'value', value };
};

const tlsOf = (variables: Variables, wrong: string[]): 'off' | 'rds' => {
  const tls = variables['CATALOG_TLS'] ?? 'rds';
  if (tls === 'off' || tls === 'rds') return tls;
  wrong.push('CATALOG_TLS is neither rds nor off');
  return 'rds';
};
