import { operations, type Operation } from './operations.ts';

/** Changes a repository in a process of its own, which a test records or kills: `<operation> <location> <argument>`. */
const [, , operation = '', location = '', argument = ''] = process.argv;
await operations[operation as Operation](location, argument);
process.stdout.write('done\n');
