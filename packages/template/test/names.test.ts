import { functionNames, logGroupNames } from '@enterprise-backup/contracts/names';
import { expect, it } from 'vitest';
import { plainTemplate } from './plain-template.ts';

const main = plainTemplate('main.yaml');
const property = (id: string, name: string): unknown => main.Resources[id]?.Properties?.[name];
const stack = '${AWS::StackName}';

it('gives the resources the names that people type', () => {
  expect(property('OrchestratorFunction', 'FunctionName')).toEqual({ 'Fn::Sub': functionNames(stack).orchestrator });
  expect(property('RecoveryFunction', 'FunctionName')).toEqual({ 'Fn::Sub': functionNames(stack).recovery });
  expect(property('OrchestratorLogs', 'LogGroupName')).toEqual({ 'Fn::Sub': logGroupNames(stack).orchestrator });
  expect(property('RecoveryLogs', 'LogGroupName')).toEqual({ 'Fn::Sub': logGroupNames(stack).recovery });
  expect(property('RecoveryFunction', 'LoggingConfig')).toMatchObject({ LogGroup: { Ref: 'RecoveryLogs' } });
  expect(property('MetadataDatabase', 'DBInstanceIdentifier')).toEqual({ 'Fn::Sub': `${stack}-metadata-db` });
  expect(property('MetadataDatabase', 'DBName')).toBe('backup_metadata');
  expect(property('AgentGroup', 'AutoScalingGroupName')).toEqual({ 'Fn::Sub': `${stack}-backup-agents-asg` });
  expect(property('BackupBucket', 'BucketName')).toEqual({
    'Fn::Sub': `${stack}-\${AWS::AccountId}-\${AWS::Region}`,
  });
  expect(main.Outputs).toHaveProperty('BackupAlertsTopicArn');
});

it('keeps what holds data when the stack is deleted or a part of it replaced', () => {
  const policies = (id: string): unknown[] => [
    main.Resources[id]?.DeletionPolicy,
    main.Resources[id]?.UpdateReplacePolicy,
  ];
  for (const id of ['BackupBucket', 'LogBucket', 'DataKey', 'RepositorySecret']) {
    expect(policies(id), id).toEqual(['Retain', 'Retain']);
  }
  expect(policies('MetadataDatabase')).toEqual(['Snapshot', 'Snapshot']);
});

it('refuses what cannot be meant by its own patterns', () => {
  const pattern = (name: string): RegExp => new RegExp(`^${String(main.Parameters[name]?.['AllowedPattern'])}$`);
  for (const bad of [
    'short',
    'has space in it',
    'with/slash-12345',
    'with"quote-12345',
    'with@sign-123456',
    'x'.repeat(42),
  ]) {
    expect(bad).not.toMatch(pattern('DBPassword'));
  }
  expect('a-good_Password#2026').toMatch(pattern('DBPassword'));
  expect('').toMatch(pattern('DBPassword'));
  for (const bad of ['10.0.0.0/24', '10.0.0.0/8', '8.8.0.0/16', 'ten']) expect(bad).not.toMatch(pattern('VpcCidr'));
  expect('10.60.0.0/16').toMatch(pattern('VpcCidr'));
  expect(main.Parameters['BackupRetentionDays']).toMatchObject({ MinValue: 1 });
  expect(main.Parameters['Environment']).toMatchObject({ AllowedValues: ['production', 'staging', 'development'] });
});
