import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { readCatalogEnvironment, readCatalogSettings } from './catalog-environment.ts';

const mysql = { CATALOG_HOST: 'db.example', CATALOG_USER: 'platform', CATALOG_PASSWORD: 'hunter2' };

describe('the environment of the catalog', () => {
  it('names a MySQL database, with TLS unless it is switched off', async () => {
    expect(await readCatalogSettings(readCatalogEnvironment(mysql))).toEqual({
      engine: 'mysql',
      host: 'db.example',
      port: 3306,
      user: 'platform',
      password: 'hunter2',
      database: 'backup_metadata',
      tls: 'rds',
    });
    const other = { ...mysql, CATALOG_PORT: '3307', CATALOG_DATABASE: 'other', CATALOG_TLS: 'off' };
    expect(readCatalogEnvironment(other)).toMatchObject({ port: 3307, database: 'other', tls: 'off' });
  });

  it('names a SQLite file', async () => {
    const environment = readCatalogEnvironment({ CATALOG_ENGINE: 'sqlite', CATALOG_FILE: '/data/catalog.sqlite' });
    expect(await readCatalogSettings(environment)).toEqual({ engine: 'sqlite', file: '/data/catalog.sqlite' });
  });

  it('may keep the password in a file', async () => {
    const file = join(temporaryDirectoryForTest('password'), 'password');
    writeFileSync(file, ' with spaces \n');
    const environment = readCatalogEnvironment({ ...mysql, CATALOG_PASSWORD_FILE: file });
    expect(await readCatalogSettings(environment)).toMatchObject({ password: ' with spaces ' });
    const missing = readCatalogEnvironment({ ...mysql, CATALOG_PASSWORD_FILE: `${file}.none` });
    await expect(readCatalogSettings(missing)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
  });

  it.each([
    ['everything', {}, ['CATALOG_HOST', 'CATALOG_USER', 'CATALOG_PASSWORD_SECRET', 'CATALOG_PASSWORD_FILE']],
    ['an empty host', { ...mysql, CATALOG_HOST: '' }, ['CATALOG_HOST']],
    ['a wrong port', { ...mysql, CATALOG_PORT: '70000' }, ['CATALOG_PORT']],
    ['a wrong TLS mode', { ...mysql, CATALOG_TLS: 'maybe' }, ['CATALOG_TLS']],
    ['a wrong engine', { ...mysql, CATALOG_ENGINE: 'oracle' }, ['CATALOG_ENGINE']],
    ['no file', { CATALOG_ENGINE: 'sqlite' }, ['CATALOG_FILE']],
  ])('refuses %s and names it, without a value', (_, variables, names) => {
    let message = '';
    try {
      readCatalogEnvironment(variables);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENVIRONMENT_INVALID' });
      message = String(error);
    }
    for (const name of names) expect(message).toContain(name);
    expect(message).not.toMatch(/hunter2|70000|maybe|oracle/);
  });
});
