import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examplesHeading } from '../src/commands/examples.ts';
import { commandGroups } from '../src/command-groups.ts';
import { checkoutFolder } from '../src/platform/checkout.ts';
import { buildProgram } from '../src/program.ts';
import { fullName, helpOf, leaves, renderReference } from '../src/reference/render-reference.ts';
import { runBackupctl } from './run-backupctl.ts';

const program = await buildProgram({
  groups: commandGroups,
  execute: () => Promise.resolve(),
  writeHelpOnError: () => undefined,
});

/** The words of a command line as a POSIX shell splits them, for what the examples use: single quotes and line ends. */
function words(line: string): string[] {
  const parts = line.replaceAll('\\\n', ' ').match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  return parts.map((word) => word.replaceAll("'", ''));
}

const examples = leaves(program).flatMap((command) => {
  const [, text = ''] = helpOf(command).split(`${examplesHeading}\n`);
  return text
    .trim()
    .split(/\n(?= {2}backupctl)/)
    .map((line) => [fullName(command), line.trim()] as const);
});

it('docs/backupctl.md is what the help says now (else: npm run reference -w @enterprise-backup/cli)', async () => {
  expect(readFileSync(join(checkoutFolder, 'docs/backupctl.md'), 'utf8')).toBe(await renderReference());
});

it('each command has an example', () => {
  expect(new Set(examples.map(([command]) => command))).toEqual(new Set(leaves(program).map(fullName)));
});

it.each(examples)('an example of %s is accepted: %s', async (command, line) => {
  let ran = 0;
  const [name, ...args] = words(line);
  const fresh = await buildProgram({
    groups: commandGroups,
    execute: () => {
      ran += 1;
      return Promise.resolve();
    },
    writeHelpOnError: () => undefined,
    given: args,
  });
  expect(name).toBe('backupctl');
  expect(line.startsWith(command)).toBe(true);
  await fresh.parseAsync(args, { from: 'user' });
  expect(ran).toBe(1);
});

it.each(commandGroups)('a command line that begins with one of $names loads these alone', async ({ names }) => {
  for (const name of names) {
    const built = await buildProgram({
      groups: commandGroups,
      execute: () => Promise.resolve(),
      writeHelpOnError: () => undefined,
      given: ['--json', name, '--watch'],
    });
    expect(built.commands.map((command) => command.name())).toEqual(names);
  }
});

describe('the program', () => {
  it('shows help and version on stdout with status 0', async () => {
    const help = await runBackupctl(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('Exit status:\n  0  fine\n');
    const ofCommand = await runBackupctl(['recover', '--help']);
    expect(ofCommand).toMatchObject({ status: 0, stderr: '' });
    expect(ofCommand.stdout).toContain('backupctl recover backup-1 --target prod-db-01 --watch');
    expect(await runBackupctl(['--version'])).toMatchObject({ status: 0, stdout: '0.1.0\n' });
  });

  it.each([
    ['an unknown option', ['status', '--chekc'], "unknown option '--chekc' (Did you mean --check?)"],
    ['an unknown command', ['targts'], "unknown command 'targts' (Did you mean targets?)"],
    ['a missing argument', ['recover', '--target', 'prod-db-01'], "missing required argument 'backup-id'"],
    ['a missing option', ['recover', 'backup-1'], "required option '--target <name>' not specified"],
    ['one argument too many', ['status', 'now'], 'too many arguments'],
    ['a number that is none', ['jobs', '--limit', '1e3'], 'It must be a whole number from 1 to 1000'],
    ['a choice that is none', ['run', 'x', '--type', 'partial'], 'Allowed choices are full, incremental, differential'],
    ['a path that is not absolute', ['targets', 'add', 'x', '--path', 'here'], 'It must be an absolute path'],
    ['options that exclude each other', ['schedules', 'preview'], 'give either the id of a schedule or an expression'],
  ])('refuses %s with CLI_USAGE and status 2', async (_what, args, sentence) => {
    const ran = await runBackupctl(args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain('error CLI_USAGE: ');
    expect(ran.stderr).toContain(sentence);
    expect(ran.stderr).toContain('\nhint: See --help.\n');
    expect(ran.stderr).not.toContain('    at ');
  });

  it('says that a command is missing, below the help', async () => {
    const ran = await runBackupctl([]);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^Usage: backupctl [\s\S]*error CLI_USAGE: no command was given\n/);
  });

  it('shows an error as one JSON object on stdout when asked for JSON', async () => {
    for (const args of [['--json'], ['recover', 'backup-1', '--json'], ['--json', 'status', '--nonsense']]) {
      const ran = await runBackupctl(args);
      expect(ran).toMatchObject({ status: 2, stderr: '' });
      expect(JSON.parse(ran.stdout)).toMatchObject({
        error: { code: 'CLI_USAGE', hint: 'See --help.', retryable: false },
      });
    }
  });

  it('shows the stack only when BACKUPCTL_DEBUG asks for it', async () => {
    const ran = await runBackupctl(['recover'], { environment: { BACKUPCTL_DEBUG: '1' } });
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('    at ');
  });
});
