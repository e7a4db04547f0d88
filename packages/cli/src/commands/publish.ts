import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { PublishOptions } from '../deploy/publish.ts';
import { withExamples } from './examples.ts';

/** Adds `backupctl publish`, which is what `npm run publish` runs. */
export function addPublish(program: Command, execute: Execute): void {
  const command = program
    .command('publish')
    .description('build what a stack in AWS takes, and put it where main.yaml looks for it')
    .option('--region <name>', "Region of the stack (default: that of AWS's own configuration)")
    .option('--dr-region <name>', 'put everything into the bucket of this Region too, for a recovery there')
    .option('--bucket <name>', 'this bucket in place of enterprise-backup-artifacts-ACCOUNT-REGION')
    .option('--built <folder>', 'take what was built into this folder before, in place of building')
    .action((options: PublishOptions) =>
      execute(async (context) => {
        const { publish } = await import('../deploy/publish.ts');
        await publish(context, options);
      }),
    );
  withExamples(command, [
    'backupctl publish --region us-east-1',
    'backupctl publish --region us-east-1 --dr-region us-west-2',
  ]);
}
