import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { writeRecovery } from '../views/recovery-view.ts';
import { assertVerified, watchVerification } from '../watch/watch-verification.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';

interface VerifyOptions extends ConnectionOptions {
  readonly watch?: boolean;
}

/** Adds `backupctl verify`. */
export function addVerify(program: Command, execute: Execute): void {
  const command = program
    .command('verify')
    .description('compare what a completed recovery wrote with its recovery point; writes nothing')
    .argument('<recovery-id>', 'such as recovery-45')
    .option('--watch', 'wait for the outcome; a difference ends with VERIFY_MISMATCH (status 4)')
    .action((id: string, options: VerifyOptions) => execute((context) => verify(context, id, options)));
  withExamples(withConnectionOptions(command), ['backupctl verify recovery-1 --watch']);
}

async function verify(context: CommandContext, id: string, options: VerifyOptions): Promise<void> {
  const { output } = context;
  await withPlatform(context, options, async (platform) => {
    const { recovery } = await platform.recovery('verify', { recovery_id: id });
    const shown = options.watch === true ? await watchVerification(context, platform, recovery) : recovery;
    output.object({ recovery: shown });
    writeRecovery(output, shown);
    if (options.watch === true) assertVerified(shown);
    else output.line(`The outcome will stand in: backupctl recovery ${id}`);
  });
}
