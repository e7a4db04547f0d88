import { describe, expect, it } from 'vitest';
import { plainTemplate, plainTemplates, toList, visit } from './plain-template.ts';

interface PlainStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
}

const statementsOf = (value: unknown): PlainStatement[] => {
  const found: PlainStatement[] = [];
  visit(value, (inner) => {
    if (typeof inner === 'object' && inner !== null && 'Effect' in inner && 'Action' in inner) {
      found.push(inner as PlainStatement);
    }
  });
  return found;
};

const isWide = (resource: unknown): boolean => toList(resource).some((one) => one === '*');
const actionsOf = (statements: readonly PlainStatement[]): string[] =>
  statements.flatMap(({ Action }) => toList(Action).map(String));

/** Places where AWS has no narrower form, by template and Sid. */
const widePlaces: Readonly<Record<string, readonly string[]>> = {
  'main.yaml': ['LambdaAttachesInterfacesBeforeTheyHaveAnArn', 'SessionManagerHasNoResources', 'XRayHasNoResources'],
  'dr-access.yaml': ['AKeyHasNoArnBeforeItIsMade', 'ATemplateHasNoArn', 'LaunchTemplatesAreNamedByIdsOnly'],
  'dr-region.yaml': ['SessionManagerHasNoResources'],
};

describe.each(Object.entries(plainTemplates))('policies of %s', (name, template) => {
  // In a policy of a key, `*` is the key itself: a policy of a resource names who, not what.
  const identityStatements = Object.values(template.Resources)
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .flatMap(statementsOf)
    .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal === undefined);

  it('allow no action by wildcard', () => {
    expect(actionsOf(identityStatements).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('allow every resource only in the listed places', () => {
    const wide = identityStatements.filter(({ Resource }) => isWide(Resource)).map(({ Sid }) => Sid ?? 'no reason');
    expect(wide.toSorted()).toEqual(widePlaces[name] ?? []);
  });

  it('put every role within the boundary', () => {
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::IAM::Role') continue;
      expect(Properties?.['PermissionsBoundary'], id).toMatchObject({
        'Fn::If': ['HasBoundary', expect.anything(), expect.anything()],
      });
    }
  });
});

const main = plainTemplate('main.yaml');
const agentStatements = statementsOf(main.Resources['HostPolicy']);

it('lets agents remove nothing but lock files', () => {
  expect(main.Resources['AgentRole']?.Properties).not.toHaveProperty('Policies');
  const deletes = agentStatements.filter(({ Action }) =>
    toList(Action).some((action) => /Delete/.test(String(action))),
  );
  expect(deletes).toEqual([
    { Effect: 'Allow', Action: 's3:DeleteObject', Resource: { 'Fn::Sub': '${BackupBucket.Arn}/*/locks/*' } },
  ]);
});

it('lets nobody lift or shorten a lock, or remove a version', () => {
  const forbidden = [
    's3:BypassGovernanceRetention',
    's3:PutObjectRetention',
    's3:PutObjectLegalHold',
    's3:DeleteObjectVersion',
    's3:PutLifecycleConfiguration',
    's3:PutBucketObjectLockConfiguration',
    's3:PutBucketVersioning',
  ];
  for (const name of ['main.yaml', 'maintenance.yaml', 'dr-region.yaml']) {
    expect(
      actionsOf(statementsOf(plainTemplates[name])).filter((action) => forbidden.includes(action)),
      name,
    ).toEqual([]);
  }
});

it('keeps the database from agents and the repository from functions', () => {
  expect(JSON.stringify(agentStatements)).not.toContain('DatabaseSecret');
  const functionStatements = statementsOf(main.Resources['FunctionPolicy']);
  expect(JSON.stringify(functionStatements)).not.toMatch(/RepositorySecret|s3:/);
});

it('lets agents invoke the orchestrator and no other function, and pass no role', () => {
  const invoke = agentStatements.filter(({ Action }) => toList(Action).includes('lambda:InvokeFunction'));
  expect(invoke.map(({ Resource }) => Resource)).toEqual([{ 'Fn::GetAtt': ['OrchestratorFunction', 'Arn'] }]);
  expect(actionsOf(agentStatements).filter((action) => action.startsWith('iam:') || action.startsWith('sts:'))).toEqual(
    [],
  );
});

it('gives agents what their storage does in S3', () => {
  const s3 = actionsOf(agentStatements).filter((action) => action.startsWith('s3:'));
  // HeadObject and GetObject, PutObject and parts of one, ListObjectsV2, DeleteObject of locks: packages/repository/src/storage.
  expect([...new Set(s3)].toSorted()).toEqual([
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ]);
});

it('lets only the maintenance role remove packs, index files and snapshots', () => {
  const removers = Object.entries(plainTemplates).flatMap(([name, template]) =>
    Object.entries(template.Resources)
      .filter(([, resource]) => /\/\*\/(?:data|index|snapshots)\/\*/.test(JSON.stringify(resource)))
      .map(([id]) => `${name} ${id}`),
  );
  expect(removers).toEqual(['maintenance.yaml MaintenanceRole']);
});
