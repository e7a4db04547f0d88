import { functionNames } from '@enterprise-backup/contracts/names';
import { join } from 'node:path';
import { shellWord } from '../format/shell-word.ts';
import { checkoutFolder, dataFolderName } from '../platform/checkout.ts';
import type { InstalledTools } from './installed-tools.ts';
import { documentedTarget } from './system-names.ts';

/** A command that the person can run next, and what it does. */
export interface NextCommand {
  readonly purpose: string;
  readonly command: string;
}

/** What the commands are about. */
export interface NextFacts {
  readonly endpointUrl: string;
  readonly stackName: string;
  readonly region: string;
  readonly data: string;
  readonly repository: string;
  readonly passwordFile: string;
  readonly backupId: string;
  readonly sourcePath: string;
  /** A folder that does not exist, for a recovery by hand. */
  readonly freshFolder: string;
  readonly workingFolder: string;
  readonly tools: InstalledTools;
}

/** Three commands that work while the platform is up. */
export function commandsWhileUp(facts: NextFacts): readonly NextCommand[] {
  const { recovery } = functionNames(facts.stackName);
  const payload = `{"backup_id": "${facts.backupId}", "target_system": "${documentedTarget}"}`;
  const data = facts.data === join(checkoutFolder, dataFolderName) ? '' : ` --data ${shellWord(facts.data)}`;
  // Version 1 takes the payload as it is and does not know the option.
  const binaryFormat = facts.tools.awsCli === 1 ? '' : '--cli-binary-format raw-in-base64-out ';
  return [
    {
      purpose: `recover a point as in AWS${facts.tools.awsCli === null ? '; needs the AWS CLI' : ''}`,
      command:
        `aws lambda invoke --endpoint-url ${facts.endpointUrl} --region ${facts.region} --no-sign-request ` +
        `--function-name ${recovery} --payload ${shellWord(payload)} ${binaryFormat}response.json`,
    },
    { purpose: 'see how far recoveries are', command: `${backupctl(facts)} recoveries${data}` },
    checkWithRestic(facts),
  ];
}

/** Three commands that need nothing but the repository. */
export function commandsWithoutPlatform(facts: NextFacts): readonly NextCommand[] {
  const repository = `--repository ${shellWord(facts.repository)} --password-file ${shellWord(facts.passwordFile)}`;
  return [
    { purpose: 'list the snapshots', command: `${backupctl(facts)} repository snapshots ${repository}` },
    {
      purpose: 'restore the newest one, without the platform',
      command:
        `${backupctl(facts)} repository restore latest --folder ${shellWord(facts.sourcePath)} ` +
        `--target ${shellWord(facts.freshFolder)} ${repository}`,
    },
    checkWithRestic(facts),
  ];
}

function checkWithRestic({ repository, passwordFile, tools }: NextFacts): NextCommand {
  return {
    purpose: `check every byte with stock restic${tools.restic ? '' : '; needs restic'}`,
    command: `restic -r ${shellWord(repository)} --password-file ${shellWord(passwordFile)} check --read-data`,
  };
}

function backupctl({ workingFolder }: NextFacts): string {
  return workingFolder === checkoutFolder
    ? 'npx backupctl'
    : shellWord(join(checkoutFolder, 'node_modules/.bin/backupctl'));
}
