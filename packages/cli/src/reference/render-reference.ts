import type { Command } from 'commander';
import { exitStatuses } from '../exit-status.ts';
import { commandGroups } from '../command-groups.ts';
import { buildProgram } from '../program.ts';

const helpWidth = 100;

const introduction = `# backupctl

The command line of the platform, for operators and for scripts. This file is made from the help of the commands by
\`npm run reference -w @enterprise-backup/cli\`; a test compares the two.

\`npx backupctl\` works in the checkout after \`npm install\`; \`node_modules/.bin/backupctl\` works from everywhere.

## Which platform a command talks to

Commands on a platform speak the Lambda Invoke API, to a platform on this machine as to one in AWS:

1. \`--endpoint-url URL\`: the platform at this address.
2. \`--data FOLDER\`: the platform that runs on this data folder of this machine, found by the file \`endpoint.json\` in it.
3. \`--region NAME\`, \`--stack-name NAME\`: the stack in AWS, with the credentials that the AWS SDK finds in its usual places.
4. None of these: the platform on \`.data\` of the working folder, or of the checkout.

\`backupctl repository\` needs no platform: it works on any restic repository, in a folder or in S3.

## Output

Persons read tables, and progress as a bar on a terminal. Where the output is not a terminal, progress is a plain line on
stderr every few seconds. \`NO_COLOR\` switches colours off.

With \`--json\` stdout holds one JSON object on each line and nothing else: the answer of the platform as its contract
describes it, before it \`{"progress": …}\` for a command that waits, and \`{"error": {"code", "message", "hint", "retryable"}}\`
for a command that fails. Times are RFC 3339 in UTC, sizes are bytes, durations carry their unit in the name.

## Errors and exit statuses

An error is a code that never changes, a sentence, and a hint:

    error BACKUP_NOT_FOUND: there is no backup-999
    hint: List the points with \`backupctl points\`.

The exit status says of which kind it is. \`BACKUPCTL_DEBUG=1\` adds the stack.

`;

/** The reference of all commands as Markdown, made from the program itself. */
export async function renderReference(): Promise<string> {
  const program = await buildProgram({
    groups: commandGroups,
    execute: () => Promise.resolve(),
    writeHelpOnError: () => undefined,
  });
  const commands = leaves(program).map((command) => `### ${fullName(command)}\n\n${codeBlock(helpOf(command))}\n`);
  return `${introduction}${exitStatusTable()}\n## Commands\n\n${codeBlock(helpOf(program))}\n\n${commands.join('\n')}`;
}

function exitStatusTable(): string {
  const rows = [
    ...exitStatuses.map(({ status, kinds, meaning }) => [String(status), kinds.join(', '), meaning] as const),
    ['128 + n', '', 'ended by signal n, as 130 by Ctrl-C'] as const,
  ];
  const table = [['status', 'kind of error', 'meaning'] as const, ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(table[0] ?? []), rule, ...rows.map(line), ''].join('\n');
}

/** The commands that do something, as opposed to those that only group others. */
export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** A command as it is typed: `backupctl repository init`. */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** The help of a command as a wide terminal without colours shows it. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => helpWidth,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function codeBlock(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
