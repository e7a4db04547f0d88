import { createInterface } from 'node:readline/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/**
 * Asks a person on the terminal to type `word`. Throws CONFIRMATION_MISSING where nobody can be asked, and CANCELLED for
 * any other answer, the end of the input, or Ctrl-C.
 */
export async function confirm(question: string, word: string, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new PlatformError('CONFIRMATION_MISSING', 'a person must agree to this, and there is no terminal to ask on');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once('close', () => {
    ended.abort();
  });
  terminal.once('SIGINT', () => {
    ended.abort();
  });
  try {
    const answer = await terminal.question(`${question} Type ${word} to go on: `, {
      signal: AbortSignal.any([signal, ended.signal]),
    });
    if (answer.trim() === word) return;
  } catch (error) {
    throw new PlatformError('CANCELLED', 'nothing was changed', { cause: error });
  } finally {
    terminal.close();
  }
  throw new PlatformError('CANCELLED', 'nothing was changed, since the answer was another one');
}
