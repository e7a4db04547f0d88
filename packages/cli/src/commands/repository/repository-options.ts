import type { Clock } from '@enterprise-backup/contracts/clock';
import { openStorage } from '@enterprise-backup/repository/open-storage';
import { openRepository, type Repository } from '@enterprise-backup/repository/repository';
import { Option, type Command } from 'commander';
import { readPasswordFile } from '../../files/read-password-file.ts';

/** Which repository, and what opens it. */
export interface RepositoryOptions {
  readonly repository: string;
  readonly passwordFile?: string;
}

/** Adds the options that every command on a repository takes. */
export function withRepositoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--repository <location>', 'a folder, or s3:https://host/bucket/prefix').makeOptionMandatory(),
    )
    .option('--password-file <file>', 'file that holds the password; white space around it does not count');
}

/** Opens the repository that the options name. */
export async function openNamedRepository(options: RepositoryOptions, clock: Clock): Promise<Repository> {
  const password = await readPasswordFile(options.passwordFile);
  return openRepository(openStorage(options.repository), password, clock);
}
