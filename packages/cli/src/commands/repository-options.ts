import { Option, type Command } from 'commander';
import { duration } from './size-values.ts';
import { withLimits, withUploadOptions } from './storage-options.ts';

/** What the examples of the commands on a repository end with. */
export const onDocuments = '--repository /var/backups/documents --password-file password.txt';

/** Adds the options that every command on a repository takes. */
export function withRepositoryOptions(command: Command): Command {
  command
    .addOption(
      new Option('--repository <location>', 'a folder, or s3:https://host/bucket/prefix').makeOptionMandatory(),
    )
    .option('--password-file <file>', 'file that holds the password; white space around it does not count')
    .addOption(
      new Option('--wait <duration>', 'how long to wait for others who use the repository (default: 0s)').argParser(
        duration,
      ),
    );
  return withLimits(command);
}

/** Adds the options that every command takes which writes more than a lock into a repository. */
export function withWriterOptions(command: Command): Command {
  return withUploadOptions(withRepositoryOptions(command));
}
