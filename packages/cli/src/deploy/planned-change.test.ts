import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { expect, it } from 'vitest';
import { changesThatLoseData, toPlannedChange } from './planned-change.ts';

const planned = (change: ResourceChange) => toPlannedChange({ Type: 'Resource', ResourceChange: change });

/** As CloudFormation describes a change of the key of a database. */
const replacedDatabase: ResourceChange = {
  Action: 'Modify',
  LogicalResourceId: 'MetadataDatabase',
  PhysicalResourceId: 'backup-metadata-db',
  ResourceType: 'AWS::RDS::DBInstance',
  Replacement: 'True',
  Scope: ['Properties'],
  Details: [
    {
      Target: { Attribute: 'Properties', Name: 'KmsKeyId', RequiresRecreation: 'Always' },
      Evaluation: 'Dynamic',
      ChangeSource: 'ResourceAttribute',
      CausingEntity: 'DataKey.Arn',
    },
    {
      Target: { Attribute: 'Properties', Name: 'KmsKeyId', RequiresRecreation: 'Always' },
      Evaluation: 'Static',
      ChangeSource: 'ResourceAttribute',
      CausingEntity: 'DataKey.Arn',
    },
  ],
};

it('says what changes, what is replaced, and why', () => {
  expect(planned(replacedDatabase)).toEqual({
    logical_id: 'MetadataDatabase',
    type: 'AWS::RDS::DBInstance',
    physical_id: 'backup-metadata-db',
    action: 'replace',
    reasons: ['KmsKeyId (DataKey.Arn)'],
    holds_data: true,
  });
  expect(planned({ Action: 'Modify', Replacement: 'Conditional' }).action).toBe('may_replace');
  expect(planned({ Action: 'Modify', Replacement: 'False' }).action).toBe('modify');
  expect(planned({ Action: 'Add' }).action).toBe('add');
});

it('finds the changes after which data would be out of reach, and no other', () => {
  const changes = [
    planned(replacedDatabase),
    planned({ Action: 'Remove', ResourceType: 'AWS::S3::Bucket', LogicalResourceId: 'BackupBucket' }),
    planned({ Action: 'Modify', Replacement: 'Conditional', ResourceType: 'AWS::KMS::Key', LogicalResourceId: 'Key' }),
    planned({ Action: 'Modify', Replacement: 'False', ResourceType: 'AWS::S3::Bucket', LogicalResourceId: 'Logs' }),
    planned({ Action: 'Modify', Replacement: 'True', ResourceType: 'AWS::EC2::Subnet', LogicalResourceId: 'Subnet' }),
    planned({ Action: 'Add', ResourceType: 'AWS::S3::Bucket', LogicalResourceId: 'New' }),
  ];
  expect(changesThatLoseData(changes).map(({ logical_id }) => logical_id)).toEqual([
    'MetadataDatabase',
    'BackupBucket',
    'Key',
  ]);
});
