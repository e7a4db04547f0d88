import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { CommanderError } from 'commander';

/** What commander throws when it has done what was asked: shown help or the version. */
const answered = new Set(['commander.helpDisplayed', 'commander.version']);

/** The usage error behind what commander threw, or null when help or the version was asked for and shown. */
export function toUsageError(thrown: CommanderError): PlatformError | null {
  if (answered.has(thrown.code)) return null;
  if (thrown.code === 'commander.help')
    return new PlatformError('CLI_USAGE', 'no command was given', { cause: thrown });
  const sentence = thrown.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
  return new PlatformError('CLI_USAGE', sentence, { cause: thrown });
}
