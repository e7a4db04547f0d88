import { writeFileSync } from 'node:fs';
import { mysqlSchemaSql } from './mysql-schema-sql.ts';

// Writes the committed file anew; the tests refuse one that is not what the migrations give.
writeFileSync(new URL('../sql/mysql.sql', import.meta.url), mysqlSchemaSql());
