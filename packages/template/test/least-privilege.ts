import { functionNames } from '@enterprise-backup/contracts/names';
import { expect, it } from 'vitest';
import { stackName, type AwsAccount } from './aws-account.ts';
import { attemptsOf, type AccountNames } from './call-attempts.ts';
import { roleDecision, type Attempt, type RoleDecision } from './role-decision.ts';

const account = '123456789012';
const region = 'us-east-1';
const bucket = `arn:aws:s3:::${stackName}-${account}-${region}`;
const { orchestrator, recovery } = functionNames(stackName);
const functionArn = (name: string): string => `arn:aws:lambda:${region}:${account}:function:${name}`;

/** The roles of those who called, by the names in the record of calls. */
const rolesByCaller: Readonly<Record<string, string>> = {
  [orchestrator]: 'OrchestratorRole',
  [recovery]: 'RecoveryRole',
  agent: 'AgentRole',
};
const roles = [...Object.values(rolesByCaller), 'MaintenanceRole'];

interface Outputs {
  readonly Stacks: readonly [
    { readonly Outputs: readonly { readonly OutputKey: string; readonly OutputValue: string }[] },
  ];
}

const readAccount = ({
  platform,
  aws,
}: AwsAccount): { readonly names: AccountNames; readonly decision: RoleDecision; readonly databaseSecret: string } => {
  const { Stacks } = aws('cloudformation', 'describe-stacks', '--stack-name', stackName) as Outputs;
  const output = (key: string): string =>
    Stacks[0].Outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
  return {
    names: {
      account,
      region,
      secrets: { [`${stackName}/repository`]: output('RepositorySecretArn') },
      key: output('DataKeyArn'),
    },
    decision: roleDecision(platform.resources(), account),
    databaseSecret: output('DatabaseSecretArn'),
  };
};

/** Tests what each role can do and cannot do, in the account as the run before has left it. */
export const testLeastPrivilege = (current: () => AwsAccount): void => {
  it('lets each role do what its code has called', async () => {
    const { platform } = current();
    const { names, decision } = readAccount(current());
    const calls = platform.calls().filter(({ caller }) => caller in rolesByCaller);
    const tried = new Map<string, string>();
    for (const call of calls) {
      const role = rolesByCaller[call.caller] ?? '';
      const attempts = attemptsOf(call, names);
      expect(attempts, `no action is known for ${JSON.stringify(call)}`).not.toBeNull();
      for (const attempt of attempts ?? []) {
        const name = `${role} ${attempt.action} ${attempt.resource}`;
        tried.set(name, tried.get(name) ?? (await decision.decide(role, attempt)));
      }
    }
    expect([...tried].filter(([, answer]) => answer !== 'Allowed')).toEqual([]);
    // That the run did call what matters: else the test above holds of nothing.
    const actions = [...tried.keys()].join('\n');
    for (const action of [
      'AgentRole s3:PutObject',
      'AgentRole s3:DeleteObject',
      'AgentRole lambda:InvokeFunction',
      'AgentRole secretsmanager:GetSecretValue',
      'AgentRole ssm:GetParameter',
      'OrchestratorRole secretsmanager:GetSecretValue',
      'RecoveryRole secretsmanager:GetSecretValue',
    ]) {
      expect(actions).toContain(action);
    }
  });

  it('lets no role do what an attacker with it would try', async () => {
    const { names, decision, databaseSecret } = readAccount(current());
    const pack = `${bucket}/repository/data/a8/${'a'.repeat(64)}`;
    const everybody: readonly Attempt[] = [
      { action: 's3:BypassGovernanceRetention', resource: pack },
      { action: 's3:PutObjectRetention', resource: pack },
      { action: 's3:PutObjectLegalHold', resource: pack },
      { action: 's3:DeleteObjectVersion', resource: pack },
      { action: 's3:PutBucketObjectLockConfiguration', resource: bucket },
      { action: 's3:PutBucketVersioning', resource: bucket },
      { action: 's3:PutLifecycleConfiguration', resource: bucket },
      { action: 's3:PutBucketPolicy', resource: bucket },
      { action: 's3:PutReplicationConfiguration', resource: bucket },
      { action: 's3:DeleteBucket', resource: bucket },
      { action: 's3:DeleteObject', resource: `${bucket}/repository/config` },
      { action: 's3:DeleteObject', resource: `${bucket}/repository/keys/${'a'.repeat(64)}` },
      { action: 's3:DeleteObject', resource: `arn:aws:s3:::${stackName}-${account}-us-west-2/repository/data/a8/x` },
      { action: 'iam:PassRole', resource: `arn:aws:iam::${account}:role/Admin` },
      { action: 'sts:AssumeRole', resource: `arn:aws:iam::${account}:role/Admin` },
      { action: 'kms:ScheduleKeyDeletion', resource: names.key },
      { action: 'kms:DisableKey', resource: names.key },
      {
        action: 'kms:Decrypt',
        resource: names.key.replace(region, 'us-west-2'),
        context: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' },
      },
      // Without a service in between, with which the key's log would tell nothing of the object.
      { action: 'kms:Decrypt', resource: names.key },
      { action: 'lambda:UpdateFunctionCode', resource: functionArn(orchestrator) },
      { action: 'lambda:InvokeFunction', resource: functionArn(recovery) },
      {
        action: 'ssm:PutParameter',
        resource: `arn:aws:ssm:${region}:${account}:parameter/${stackName}/agent-settings`,
      },
      { action: 'secretsmanager:PutSecretValue', resource: names.secrets[`${stackName}/repository`] ?? '' },
      { action: 'secretsmanager:DeleteSecret', resource: names.secrets[`${stackName}/repository`] ?? '' },
      { action: 'rds:DeleteDBInstance', resource: `arn:aws:rds:${region}:${account}:db:${stackName}-metadata-db` },
      {
        action: 'logs:DeleteLogGroup',
        resource: `arn:aws:logs:${region}:${account}:log-group:/${stackName}/backup-agent`,
      },
    ];
    const removal = ['data', 'index', 'snapshots'].map((kind) => ({
      action: 's3:DeleteObject',
      resource: `${bucket}/repository/${kind}/${'a'.repeat(64)}`,
    }));
    const database = { action: 'secretsmanager:GetSecretValue', resource: databaseSecret };
    const ofRole: Readonly<Record<string, readonly Attempt[]>> = {
      AgentRole: [...removal, database],
      MaintenanceRole: [database],
      OrchestratorRole: [...removal, { action: 's3:GetObject', resource: pack }],
      RecoveryRole: [...removal, { action: 's3:GetObject', resource: pack }],
    };
    const allowed: string[] = [];
    for (const role of roles) {
      for (const attempt of [...everybody, ...(ofRole[role] ?? [])]) {
        const answer = await decision.decide(role, attempt);
        if (answer === 'Allowed') allowed.push(`${role} ${attempt.action} ${attempt.resource}`);
      }
    }
    expect(allowed).toEqual([]);
    // The judge is not one that refuses everything: who prunes may remove.
    for (const attempt of removal) expect(await decision.decide('MaintenanceRole', attempt)).toBe('Allowed');
  });
};
