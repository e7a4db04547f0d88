import { temporaryDirectory, type TemporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, runBackupctl } from './run-backupctl.ts';

/** Of util-linux; makes a pseudo-terminal. */
const script = '/usr/bin/script';

let directory: TemporaryDirectory;
let folder: string;
let options: string[];

beforeAll(async () => {
  directory = temporaryDirectory('cli-terminal');
  folder = directory.path;
  for (const source of ['source', 'interrupted']) {
    mkdirSync(join(folder, source));
    for (let number = 0; number < 30; number += 1) {
      writeFileSync(join(folder, source, `file-${number}`), randomFillSync(Buffer.alloc(1_000_000)));
    }
  }
  writeFileSync(join(folder, 'password'), 'correct horse\n');
  options = ['--repository', join(folder, 'repository'), '--password-file', join(folder, 'password')];
  await runBackupctl(['repository', 'init', ...options]);
});

afterAll(() => {
  directory.remove();
});

/** A new line, or the first column of the same one. */
const lineStarts = /[\r\n]+|\u001b\[1G/;

interface Shown {
  readonly status: number;
  /** Everything that was written to the terminal. */
  readonly text: string;
  /** What a line showed at each time, without colours and the like. */
  readonly lines: readonly string[];
}

/** Runs a command in a pseudo-terminal of `columns` columns; `onText` sees what it has written so far. */
async function onTerminal(
  columns: number,
  environment: string,
  args: readonly string[],
  onText: (text: string, interrupt: () => void) => void = () => undefined,
): Promise<Shown> {
  const words = [program, 'repository', ...args, ...options].map((word) => `'${word}'`).join(' ');
  // Node takes from TERM and CI whether a terminal has colours.
  const command = `stty cols ${columns} rows 40; exec env -u CI ${environment} TERM=xterm-256color ${words}`;
  const child = spawn(script, ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    onText(text, () => child.stdin.write('\u0003'));
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, text, lines: text.split(lineStarts).map((line) => stripVTControlCharacters(line)) };
}

const hidden = '\u001b[?25l';
const shown = '\u001b[?25h';

describe.skipIf(!existsSync(script))('on a terminal', () => {
  it('progress is a bar in one line that fits, and the cursor comes back', async () => {
    // Slow enough for the source to be counted.
    const slowly = ['backup', join(folder, 'source'), '--limit-upload', '10M'];
    const { status, text, lines } = await onTerminal(60, '-u NO_COLOR', slowly);
    expect(status).toBe(0);
    expect(text).toContain(hidden);
    expect(text.lastIndexOf(shown)).toBeGreaterThan(text.lastIndexOf(hidden));
    const drawn = lines.filter((line) => line.startsWith('backup  '));
    expect(drawn.length).toBeGreaterThan(0);
    expect(drawn.join('\n')).toMatch(/^backup {2}\[#*-*\] {2,}\d+ % /m);
    for (const line of drawn) expect(line.length).toBeLessThan(60);
    expect(text).toContain('\u001b[32mBacked up\u001b[39m');
  });

  it('Ctrl-C gives the cursor back and ends with 130', async () => {
    let pressed = false;
    const { status, text } = await onTerminal(
      80,
      '-u NO_COLOR',
      // Slow enough not to end before the key is pressed.
      ['backup', join(folder, 'interrupted'), '--limit-upload', '1M'],
      (seen, interrupt) => {
        if (pressed || !seen.includes('%')) return;
        pressed = true;
        interrupt();
      },
    );
    expect(pressed).toBe(true);
    expect(stripVTControlCharacters(text)).toContain('error CANCELLED: ');
    expect(status).toBe(130);
    expect(text.lastIndexOf(shown)).toBeGreaterThan(text.lastIndexOf(hidden));
  });

  it('a table that is too wide becomes blocks, and NO_COLOR is heeded', async () => {
    const { status, text, lines } = await onTerminal(40, 'NO_COLOR=1', ['snapshots']);
    expect(status).toBe(0);
    expect(lines.filter((line) => line.startsWith('paths     '))).toHaveLength(1);
    expect(text).not.toMatch(/\u001b\[\d+m/);
  });
});
