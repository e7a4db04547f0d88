import { makeEmergencyKit } from '@enterprise-backup/repository/emergency-kit';
import { kitAsHtml } from '@enterprise-backup/repository/kit-html';
import { kitAsText } from '@enterprise-backup/repository/kit-text';
import type { CommandContext } from '../command-context.ts';
import { createSecretFile } from '../files/create-file.ts';
import { readPasswordFile } from '../files/read-password-file.ts';
import { safeLines } from '../format/safe-text.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';

export interface KitCommandOptions extends RepositoryOptions {
  readonly text?: string;
  readonly html?: string;
  readonly withPassword?: boolean;
}

/** Writes an emergency kit to the files that are named, or shows it. Throws FILE_EXISTS, FILE_NOT_WRITABLE and what opening throws. */
export async function writeEmergencyKit(context: CommandContext, options: KitCommandOptions): Promise<void> {
  const { output, signal } = context;
  const repository = await openNamedRepository(options, context.clock);
  const password = options.withPassword === true ? await readPasswordFile(options.passwordFile) : undefined;
  const kit = await makeEmergencyKit(repository, { password, signal });
  if (options.text !== undefined) await createSecretFile(options.text, kitAsText(kit));
  if (options.html !== undefined) await createSecretFile(options.html, kitAsHtml(kit));
  const files = [options.text, options.html].filter((file) => file !== undefined);
  output.object({ emergency_kit: files.length === 0 ? kit : { files, with_password: kit.password !== null } });
  if (files.length === 0) output.line(safeLines(kitAsText(kit)).trimEnd());
  for (const file of files) output.line(`Wrote ${file}.`);
  if (kit.password !== null) output.line('It holds the password: whoever gets it can read everything.');
}
