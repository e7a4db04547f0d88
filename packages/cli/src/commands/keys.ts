import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { DrillCommandOptions } from '../engine/drill-key.ts';
import type { AddKeyOptions, NewPasswordOptions } from '../engine/manage-keys.ts';
import type { RepositoryOptions } from '../engine/open-named-repository.ts';
import type { KitCommandOptions } from '../engine/write-emergency-kit.ts';
import { withExamples } from './examples.ts';
import { wholeNumber } from './option-values.ts';
import { onDocuments, withRepositoryOptions, withWriterOptions } from './repository-options.ts';

const newPassword = ['--new-password-file <file>', 'file that holds the new password'] as const;

/** Adds `backupctl repository key`. The engine is loaded only when it runs. */
export function addKeys(parent: Command, execute: Execute): void {
  const key = parent.command('key').description('manage the passwords that open a repository');
  for (const add of [addList, addAdd, addRemove, addPassword, addRotate, addKit, addDrill]) add(key, execute);
}

function addList(key: Command, execute: Execute): void {
  const command = key
    .command('list')
    .description('list the keys, and say which one the password opens')
    .action((options: RepositoryOptions) =>
      execute(async (context) => {
        const { showKeys } = await import('../engine/manage-keys.ts');
        await showKeys(context, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [`backupctl repository key list ${onDocuments}`]);
}

function addAdd(key: Command, execute: Execute): void {
  const command = key
    .command('add')
    .description('add a password that opens the repository too')
    .requiredOption(...newPassword)
    .option('--user <name>', 'whose key it is (default: the user of this command)')
    .option('--host <name>', 'where it is used (default: this machine)')
    .action((options: AddKeyOptions) =>
      execute(async (context) => {
        const { addNewKey } = await import('../engine/manage-keys.ts');
        await addNewKey(context, options);
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository key add --new-password-file second.txt --user escrow ${onDocuments}`,
  ]);
}

function addRemove(key: Command, execute: Execute): void {
  const command = key
    .command('remove')
    .description('remove a key, but never the one in use')
    .argument('<key>', 'id or its first digits')
    .action((id: string, options: RepositoryOptions) =>
      execute(async (context) => {
        const { removeNamedKey } = await import('../engine/manage-keys.ts');
        await removeNamedKey(context, id, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [`backupctl repository key remove 7b0d42 ${onDocuments}`]);
}

function addPassword(key: Command, execute: Execute): void {
  const command = key
    .command('passwd')
    .description('replace the password in use; other keys stay')
    .requiredOption(...newPassword)
    .action((options: NewPasswordOptions) =>
      execute(async (context) => {
        const { replacePassword } = await import('../engine/manage-keys.ts');
        await replacePassword(context, options, 'current');
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository key passwd --new-password-file new.txt ${onDocuments}`,
  ]);
}

function addRotate(key: Command, execute: Execute): void {
  const command = key
    .command('rotate')
    .description('make a new password the only one that opens the repository')
    .requiredOption(...newPassword)
    .action((options: NewPasswordOptions) =>
      execute(async (context) => {
        const { replacePassword } = await import('../engine/manage-keys.ts');
        await replacePassword(context, options, 'all');
      }),
    );
  withExamples(withWriterOptions(command), [
    `backupctl repository key rotate --new-password-file new.txt ${onDocuments}`,
  ]);
}

function addKit(key: Command, execute: Execute): void {
  const command = key
    .command('kit')
    .description('write what a person needs to restore with stock restic, as text or to be printed')
    .option('--text <file>', 'write it as text to this new file')
    .option('--html <file>', 'write it as one page of HTML, to be printed, to this new file')
    .option('--with-password', 'write the password into it: whoever holds it can read everything')
    .action((options: KitCommandOptions) =>
      execute(async (context) => {
        const { writeEmergencyKit } = await import('../engine/write-emergency-kit.ts');
        await writeEmergencyKit(context, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [
    `backupctl repository key kit --html kit.html ${onDocuments}`,
    `backupctl repository key kit --text kit.txt --with-password ${onDocuments}`,
  ]);
}

function addDrill(key: Command, execute: Execute): void {
  const command = key
    .command('drill')
    .description('prove that a stored password opens the repository and decrypts a sample; only reads')
    .option('--packs <count>', 'packs to read whole', wholeNumber(1, 10_000), 3)
    .option('--trees <count>', 'folders to read', wholeNumber(1, 1_000_000), 20)
    .action((options: DrillCommandOptions) =>
      execute(async (context) => {
        const { drill } = await import('../engine/drill-key.ts');
        await drill(context, options);
      }),
    );
  withExamples(withRepositoryOptions(command), [`backupctl repository key drill ${onDocuments}`]);
}
