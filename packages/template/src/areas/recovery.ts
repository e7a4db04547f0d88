import { functionNames, logGroupNames } from '@enterprise-backup/contracts/names';
import type { Area } from '../area.ts';
import { logGroup, platformFunction } from '../function-resource.ts';
import { attribute, ref } from '../intrinsics.ts';

const stack = '${AWS::StackName}';

/** The function that a person calls to get something back. */
export const recovery: Area = {
  why: 'Recovery: a function of its own, so that a flood of backups leaves its concurrency alone.',
  resources: {
    RecoveryLogs: logGroup(logGroupNames(stack).recovery),
    RecoveryFunction: platformFunction({
      name: functionNames(stack).recovery,
      description: 'Plans, starts, follows and verifies recoveries',
      codeParameter: 'RecoveryCode',
      role: 'RecoveryRole',
      logGroup: 'RecoveryLogs',
    }),
  },
  outputs: {
    RecoveryFunctionName: { Description: 'Function that starts recoveries.', Value: ref('RecoveryFunction') },
    RecoveryFunctionArn: { Description: 'Its ARN.', Value: attribute('RecoveryFunction', 'Arn') },
    RecoveryLogGroup: { Description: 'Its log group.', Value: ref('RecoveryLogs') },
  },
};
