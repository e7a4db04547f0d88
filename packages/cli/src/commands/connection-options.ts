import { defaultStackName } from '@enterprise-backup/contracts/names';
import { Option, type Command } from 'commander';

/** How a person says which platform is meant. */
export interface ConnectionOptions {
  readonly endpointUrl?: string;
  readonly data?: string;
  readonly stackName?: string;
  readonly region?: string;
}

const group = 'Which platform:';
const flags: readonly (readonly [string, string])[] = [
  ['--data <folder>', 'the platform on this machine with this data folder (default: .data)'],
  ['--endpoint-url <url>', 'the platform at this address of the Lambda Invoke API'],
  ['--region <name>', 'the platform in AWS, in this Region'],
  ['--stack-name <name>', `name of its stack (default: ${defaultStackName})`],
];

/** Adds the options that say which platform a command talks to. */
export function withConnectionOptions(command: Command): Command {
  for (const [flag, description] of flags) command.addOption(new Option(flag, description).helpGroup(group));
  return command;
}
