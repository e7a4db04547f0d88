import { Option, type Command } from 'commander';
import { withLimits } from './storage-options.ts';

/** What the examples of the commands on a repository end with. */
export const onDocuments = '--repository /var/backups/documents --password-file password.txt';

/** Adds the options that every command on a repository takes. */
export function withRepositoryOptions(command: Command): Command {
  command
    .addOption(
      new Option('--repository <location>', 'a folder, or s3:https://host/bucket/prefix').makeOptionMandatory(),
    )
    .option('--password-file <file>', 'file that holds the password; white space around it does not count');
  return withLimits(command);
}
