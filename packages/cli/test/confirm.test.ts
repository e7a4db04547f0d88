import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Of util-linux; makes a pseudo-terminal. */
const script = '/usr/bin/script';
const asking = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL('confirm-process.ts', import.meta.url)),
];

/** Runs a command and types `typed` once the question stands there. */
async function answer(command: string, args: readonly string[], typed: string): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  let hasAnswered = false;
  const take = (part: string) => {
    text += part;
    if (hasAnswered || !text.includes('Type delete to go on: ')) return;
    hasAnswered = true;
    child.stdin.write(typed);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  await once(child, 'close');
  return text;
}

describe.skipIf(!existsSync(script))('a question to a person', () => {
  const onTerminal = (typed: string) =>
    answer(script, ['-qfec', asking.map((word) => `'${word}'`).join(' '), '/dev/null'], typed);

  it.each([
    ['the word', 'delete\r', 'AGREED'],
    ['the word between spaces', '  delete \r', 'AGREED'],
    ['another word', 'yes\r', 'CANCELLED'],
    ['nothing', '\r', 'CANCELLED'],
    ['Ctrl-C', 'del\u0003', 'CANCELLED'],
    ['the end of the input', '\u0004', 'CANCELLED'],
  ])('is answered by %s', async (_, typed, outcome) => {
    const shown = await onTerminal(typed);
    expect(shown).toContain('This will delete all. Type delete to go on: ');
    expect(shown.trim().split(/\s+/).at(-1)).toBe(outcome);
  });

  it('is not asked where nobody can answer', async () => {
    const [program = '', ...args] = asking;
    expect((await answer(program, args, '')).trim()).toBe('CONFIRMATION_MISSING');
  });
});
