import { addKey, changePassword, removeKey, rotateKeys } from '@enterprise-backup/repository/change-keys';
import { listKeys } from '@enterprise-backup/repository/list-keys';
import type { CommandContext } from '../command-context.ts';
import { readPasswordFile } from '../files/read-password-file.ts';
import { formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { openNamedRepository, type RepositoryOptions } from './open-named-repository.ts';
import { writePutOff } from './repair-repository.ts';

export interface NewPasswordOptions extends RepositoryOptions {
  readonly newPasswordFile: string;
}

export interface AddKeyOptions extends NewPasswordOptions {
  readonly user?: string;
  readonly host?: string;
}

/** Digits of an id that are shown, as restic shows them. */
const shortId = 8;

/** Lists the keys. Throws what opening throws. */
export async function showKeys(context: CommandContext, options: RepositoryOptions): Promise<void> {
  const { output } = context;
  const keys = await listKeys(await openNamedRepository(options, context.clock));
  output.object({ keys });
  output.table({
    columns: [{ title: 'key' }, { title: 'made' }, { title: 'user' }, { title: 'host' }, { title: 'state' }],
    rows: keys.map(({ id, created, username, hostname, current, fault }) => [
      id.slice(0, shortId),
      created,
      username,
      hostname,
      fault === null ? (current ? { text: 'in use', tone: 'good' } : '') : { text: fault, tone: 'bad' },
    ]),
  });
}

/** Adds a key. Throws what adding and opening throw. */
export async function addNewKey(context: CommandContext, options: AddKeyOptions): Promise<void> {
  const { output, signal } = context;
  const password = await readPasswordFile(options.newPasswordFile);
  const repository = await openNamedRepository(options, context.clock);
  const id = await addKey(repository, password, { username: options.user, hostname: options.host, signal });
  output.object({ key: { added: id } });
  output.line(`Added the key ${id.slice(0, shortId)}; the new password opens it.`);
}

/** Removes a key. Throws what removing and opening throw. */
export async function removeNamedKey(
  context: CommandContext,
  wanted: string,
  options: RepositoryOptions,
): Promise<void> {
  const { output, signal } = context;
  const repository = await openNamedRepository(options, context.clock);
  const { id, username, hostname } = await removeKey(repository, wanted, { signal });
  output.object({ key: { removed: id } });
  output.line(`Removed the key ${id.slice(0, shortId)} of ${safeText(username)} on ${safeText(hostname)}.`);
  writeLimit(context);
}

/** Replaces the password in use, or all passwords, by a new one. Throws what changing and opening throw. */
export async function replacePassword(
  context: CommandContext,
  options: NewPasswordOptions,
  which: 'current' | 'all',
): Promise<void> {
  const { output, signal } = context;
  const password = await readPasswordFile(options.newPasswordFile);
  const repository = await openNamedRepository(options, context.clock);
  const change = await (which === 'all' ? rotateKeys : changePassword)(repository, password, { signal });
  output.object({ key: change });
  output.line(
    `Added the key ${change.added.slice(0, shortId)} and removed ${formatCounted(change.removed.length, 'key')}. Use the new password from now on.`,
  );
  writePutOff(
    output,
    change.put_off.map((id) => `keys/${id}`),
  );
  writeLimit(context);
}

function writeLimit({ output }: CommandContext): void {
  output.line('Who has a copy of a removed key file and its password can still read copies of the data.');
}
