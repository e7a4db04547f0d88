import { Fn } from 'cloudform';
import { artifactsBucket } from './artifacts.ts';

/** What tells one group of instances from another at boot. */
export interface HostChoice {
  /** Logical id of the Auto Scaling group, which waits for the instance's signal. */
  readonly group: string;
  /** The stack of main.yaml, with `${…}`. */
  readonly stack: string;
  /** Name of the group. */
  readonly groupName: string;
  /** Kinds of tasks that its agents take on. */
  readonly kinds: string;
}

/**
 * The script of the first boot. It only fetches the agent's archive and hands over to the installer in it, since what
 * stands here counts against CloudFormation's 51,200 bytes for a template. A failure is written to the log and signalled.
 */
export const userData = ({ group, stack, groupName, kinds }: HostChoice): ReturnType<typeof Fn.Base64> => {
  const script = `#!/bin/bash
set -euo pipefail
export AWS_DEFAULT_REGION=\${AWS::Region} AWS_MAX_ATTEMPTS=10 STACK_NAME=${stack} FILE_SYSTEM=\${FileSystem}
export GROUP_NAME=${groupName} WORK_KINDS=${kinds}
signal() {
  aws cloudformation signal-resource --stack-name \${AWS::StackName} --logical-resource-id ${group} \\
    --unique-id $(ec2-metadata --quiet --instance-id) --status $1
}
trap 'echo "backup-agent: first boot failed: $step" >&2; signal FAILURE' ERR
archive=s3://\${Bucket}/\${AgentArchive}-$(uname -m).tar.gz
step="$archive cannot be fetched and unpacked"
mkdir -p /opt/backup-agent
aws s3 cp --only-show-errors $archive - | tar -xz -C /opt/backup-agent
step='the installer ended with an error, see above'
/opt/backup-agent/machine/install.sh
signal SUCCESS
`;
  return Fn.Base64(Fn.Sub(script, { Bucket: artifactsBucket }));
};
