import { Fn, IAM } from 'cloudform';
import { ref, when } from './intrinsics.ts';
import { policyDocument, type Statement } from './policy.ts';

/** Condition that there is a boundary. */
export const boundaryCondition = { HasBoundary: Fn.Not(Fn.Equals(ref('PermissionsBoundary'), '')) };

/** A role within the boundary, if there is one. Statements go into one inline policy of the given name. */
export const role = (
  trust: Record<string, unknown>,
  policyName: string,
  statements: readonly Statement[],
  managedPolicies: readonly unknown[] = [],
): IAM.Role =>
  new IAM.Role({
    AssumeRolePolicyDocument: trust,
    PermissionsBoundary: when('HasBoundary', ref('PermissionsBoundary')),
    ...(managedPolicies.length === 0 ? {} : { ManagedPolicyArns: managedPolicies as string[] }),
    ...(statements.length === 0
      ? {}
      : { Policies: [{ PolicyName: policyName, PolicyDocument: policyDocument(...statements) }] }),
  });
