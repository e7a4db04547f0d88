import type { Change } from '@aws-sdk/client-cloudformation';

/** What a change does to one resource. */
export interface PlannedChange {
  readonly logical_id: string;
  readonly type: string;
  readonly physical_id: string | null;
  readonly action: 'add' | 'modify' | 'replace' | 'may_replace' | 'remove' | 'import';
  /** Properties that change, and what else CloudFormation gives as the reason. */
  readonly reasons: readonly string[];
  /** Whether the resource holds what cannot be made again. */
  readonly holds_data: boolean;
}

/** Types of resources whose content nothing else of the stack can bring back. */
const dataTypes = new Set([
  'AWS::S3::Bucket',
  'AWS::RDS::DBInstance',
  'AWS::KMS::Key',
  'AWS::KMS::ReplicaKey',
  'AWS::SecretsManager::Secret',
]);

/** Tells whether a resource of this type holds what cannot be made again. */
export function holdsData(type: string): boolean {
  return dataTypes.has(type);
}

/** A change as CloudFormation describes it (`ResourceChange` in its API reference). */
export function toPlannedChange({ ResourceChange: change = {} }: Change): PlannedChange {
  const type = change.ResourceType ?? '';
  const reasons = (change.Details ?? []).flatMap(({ Target, CausingEntity }) => {
    const what = Target?.Name ?? Target?.Attribute;
    if (what === undefined) return [];
    return [CausingEntity === undefined ? what : `${what} (${CausingEntity})`];
  });
  return {
    logical_id: change.LogicalResourceId ?? '',
    type,
    physical_id: change.PhysicalResourceId ?? null,
    action: actionOf(change),
    reasons: [...new Set(reasons)],
    holds_data: holdsData(type),
  };
}

/** Changes after which data would no longer be where the platform looks for it. */
export function changesThatLoseData(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  return changes.filter(
    ({ holds_data, action }) => holds_data && (action === 'replace' || action === 'may_replace' || action === 'remove'),
  );
}

function actionOf({ Action, Replacement }: NonNullable<Change['ResourceChange']>): PlannedChange['action'] {
  switch (Action) {
    case 'Add':
      return 'add';
    case 'Remove':
      return 'remove';
    case 'Import':
      return 'import';
    default:
      return Replacement === 'True' ? 'replace' : Replacement === 'Conditional' ? 'may_replace' : 'modify';
  }
}
