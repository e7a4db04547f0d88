import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { MadeResource } from './moto-platform.ts';

/** What a role or a managed policy is given. */
interface IamProperties {
  readonly PolicyDocument?: object;
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: object }[];
  readonly ManagedPolicyArns?: readonly string[];
}

/** One thing that somebody tries. */
export interface Attempt {
  /** Such as `s3:GetObject`. */
  readonly action: string;
  readonly resource: string;
  /** Keys of conditions with their values. */
  readonly context?: Readonly<Record<string, string>>;
}

/** What IAM would answer a role, by the policies that CloudFormation gave it in an account. */
export interface RoleDecision {
  decide(roleName: string, attempt: Attempt): Promise<'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied'>;
}

/** A key's policy that leaves decisions to the account's policies, as that of the platform's key does. */
const accountDecides = (account: string, resource: string): object => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: resource },
  ],
});

/**
 * Decides from the roles and policies of all stacks. A role is named by its logical id.
 *
 * @throws Error when there is no such role, or when an attempt is not one that IAM knows
 */
export const roleDecision = (resources: readonly MadeResource[], account: string): RoleDecision => {
  const newest = (logicalId: string): IamProperties => {
    const found = resources.findLast(({ logical_id }) => logical_id === logicalId);
    if (found === undefined) throw new Error(`no stack has ${logicalId}`);
    return found.properties;
  };
  const policiesOf = (role: string) => {
    const { Policies = [], ManagedPolicyArns = [] } = newest(role);
    const inline = Policies.map(({ PolicyName, PolicyDocument }) => ({ name: PolicyName, policy: PolicyDocument }));
    const attached = ManagedPolicyArns.map((arn) => {
      // A generated name: the stack's, the logical id, and an ending.
      const name = arn.split('-').at(-2) ?? '';
      return { name, policy: newest(name).PolicyDocument };
    });
    return [...inline, ...attached];
  };
  return {
    decide: async (logicalId, { action, resource, context = {} }) => {
      const answer = await runSimulation(
        {
          request: {
            principal: `arn:aws:iam::${account}:role/${logicalId}`,
            action,
            resource: { resource, accountId: account },
            contextVariables: { ...context },
          },
          identityPolicies: policiesOf(logicalId),
          serviceControlPolicies: [],
          resourceControlPolicies: [],
          ...(action.startsWith('kms:') ? { resourcePolicy: accountDecides(account, resource) } : {}),
        },
        {},
      );
      if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
      return answer.overallResult;
    },
  };
};
