import { PlatformError } from '@enterprise-backup/contracts/errors';

/** The id in what knex answers to the insertion of one row. */
export const insertedId = ([id]: readonly number[]): number => {
  if (id === undefined) throw new PlatformError('INTERNAL', 'the database gave no id for a new row');
  return id;
};
