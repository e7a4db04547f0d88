import { defaultStackName } from '@enterprise-backup/contracts/names';
import type { Command } from 'commander';
import type { Execute } from '../command-context.ts';
import type { DeployOptions } from '../deploy/deploy.ts';
import { withExamples } from './examples.ts';

/** Adds `backupctl deploy`, which is what `scripts/create-stack` runs. */
export function addDeploy(program: Command, execute: Execute): void {
  const command = program
    .command('deploy')
    .description('create the platform in AWS, bring it up to date, or delete it')
    .option('--parameters <file>', 'JSON file of parameters, as the AWS CLI takes it', 'parameters.json')
    .option('--region <name>', "Region of the stack (default: that of AWS's own configuration)")
    .option('--stack-name <name>', 'name of the stack', defaultStackName)
    .option('--plan', 'show what would change, and stop')
    .option('--yes', 'do not ask')
    .option('--replace-data', 'agree to a plan that replaces or removes what holds data')
    .option('--delete', 'delete the stack; what holds data is kept')
    .option('--built <folder>', 'take what was built into this folder before, in place of building')
    .action((options: DeployOptions) =>
      execute(async (context) => {
        const { deploy } = await import('../deploy/deploy.ts');
        await deploy(context, options);
      }),
    );
  withExamples(command, [
    'backupctl deploy --parameters parameters.json --region us-east-1 --plan',
    'backupctl deploy --parameters parameters.json --region us-east-1',
    'backupctl deploy --delete --region us-east-1 --stack-name backup-test',
  ]);
}
