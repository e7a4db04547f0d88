import type { DeletionPolicy } from 'cloudform';

interface Deletable {
  UpdateReplacePolicy?: DeletionPolicy;
  deletionPolicy(policy: DeletionPolicy): unknown;
}

/** Says what becomes of a resource, both when the stack is deleted and when an update puts another in its place. */
export const explicitly = <Named extends Deletable>(policy: DeletionPolicy, resource: Named): Named => {
  resource.deletionPolicy(policy);
  resource.UpdateReplacePolicy = policy;
  return resource;
};
