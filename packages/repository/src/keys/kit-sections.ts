import type { EmergencyKit } from './emergency-kit.ts';

/** A part of a kit: sentences, and what is typed or kept word for word. */
export interface KitSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Lines for a POSIX shell, or data; empty when there are none. */
  readonly lines: readonly string[];
}

/** Room to write a password by hand. */
const blank = '_'.repeat(48);

/** What a kit says, in the order in which it is needed, for every form of it. */
export function kitSections(kit: EmergencyKit): readonly KitSection[] {
  return [
    {
      title: 'What this is',
      paragraphs: [
        'With this sheet and its password the backups can be restored on any machine, by the free program restic, version 0.14 or newer (https://restic.net). Nothing else of the backup platform is needed.',
        kit.password === null
          ? 'The password is not printed here. Keep it apart from this sheet, or write it down below and keep the sheet locked up.'
          : 'The password is printed here: whoever holds this sheet can read every backup. Keep it locked up.',
      ],
      lines: [
        `repository  ${kit.location}`,
        `id          ${kit.repository_id}`,
        `format      ${kit.version}`,
        `key         ${kit.key.id}`,
        `            made ${kit.key.created} by ${kit.key.username} on ${kit.key.hostname}`,
        ...kit.other_keys.map(({ id, created }) => `other key   ${id.slice(0, 8)}, made ${created}, another password`),
        `password    ${kit.password ?? blank}`,
        `sheet made  ${kit.made_at}`,
      ],
    },
    {
      title: 'Restore',
      paragraphs: ['Write the password into the file password.txt, then type:'],
      lines: [
        `export RESTIC_REPOSITORY=${shellWord(kit.location)}`,
        'export RESTIC_PASSWORD_FILE=password.txt',
        ...(kit.location.startsWith('s3:') ? ['export AWS_ACCESS_KEY_ID=...', 'export AWS_SECRET_ACCESS_KEY=...'] : []),
        'restic snapshots',
        'restic check --read-data',
        'restic restore latest --target restored',
      ],
    },
    {
      title: 'The newest points when this sheet was made',
      paragraphs: kit.points.length === 0 ? ['There was none.'] : ['Take the first word in the place of `latest`.'],
      lines: kit.points.map(({ id, time, host, paths }) => `${id}  ${time.slice(0, 19)}  ${host}  ${paths}`),
    },
    {
      title: 'If the folder keys or the file config is lost',
      paragraphs: [
        'These two small files open the repository. In the folder of the repository (for S3, in an empty folder whose files are then uploaded below the prefix), type:',
      ],
      lines: [
        'mkdir -p keys',
        `printf %s ${shellWord(kit.key_file)} > keys/${kit.key.id}`,
        `printf %s ${shellWord(kit.config)} | base64 -d > config`,
      ],
    },
  ];
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
