import { DeletionPolicy, Fn, RDS, SecretsManager } from 'cloudform';
import { explicitly } from '../deletion.ts';
import { exceptFor } from '../guard-exceptions.ts';
import type { Area } from '../area.ts';
import { databaseName } from '@enterprise-backup/contracts/names';
import { as, attribute, noValue, ref, sub, when } from '../intrinsics.ts';

/** The user whose password the secret holds. */
export const databaseUser = 'backup_catalog';

const instance = exceptFor(
  ['CT.RDS.PR.7', 'CT.RDS.PR.14', 'CT.RDS.PR.20'],
  'the functions sign in with the secret; the general log would hold every statement; only the functions reach the port',
  explicitly(
    DeletionPolicy.Snapshot,
    new RDS.DBInstance({
      DBInstanceIdentifier: sub('${AWS::StackName}-metadata-db'),
      DBName: databaseName,
      Engine: 'mysql',
      // Minor versions after this one come by themselves, in the maintenance window.
      EngineVersion: '8.4.9',
      AutoMinorVersionUpgrade: true,
      DBInstanceClass: ref('DatabaseClass'),
      AllocatedStorage: ref('DatabaseStorage'),
      MaxAllocatedStorage: 1000,
      StorageType: 'gp3',
      StorageEncrypted: true,
      KmsKeyId: Fn.GetAtt('DataKey', 'Arn'),
      MasterUsername: databaseUser,
      // CloudFormation does not look behind a reference that stays the same: a new password must be a change of the instance.
      MasterUserPassword: when(
        'HasPassword',
        ref('DBPassword'),
        sub('{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}'),
      ),
      DBSubnetGroupName: ref('DatabaseSubnets'),
      DBParameterGroupName: ref('DatabaseParameters'),
      VPCSecurityGroups: [ref('DatabaseSecurityGroup')],
      PubliclyAccessible: false,
      MultiAZ: ref('DatabaseMultiAZ'),
      BackupRetentionPeriod: ref('DatabaseBackupDays'),
      CopyTagsToSnapshot: true,
      DeletionProtection: when('IsProduction', true, false),
      EnablePerformanceInsights: true,
      PerformanceInsightsKMSKeyId: Fn.GetAtt('DataKey', 'Arn'),
      EnableCloudwatchLogsExports: ['error', 'slowquery'],
      MonitoringInterval: 60,
      MonitoringRoleArn: attribute('DatabaseMonitoringRole', 'Arn'),
    }).metadata({
      'cfn-lint': {
        config: { ignore_checks: ['W1011'] },
        reason:
          'a reference to the secret stays the same when the password changes, so that the database would keep the old one',
      },
    }),
  ),
);

/** The catalog: an instance of MySQL, its password and its parameters. */
export const database: Area = {
  why: 'Database: the catalog of jobs and points. It can be made again from the repository, but not quickly: a snapshot is left.',
  conditions: {
    IsProduction: Fn.Equals(ref('Environment'), 'production'),
    HasPassword: Fn.Not(Fn.Equals(ref('DBPassword'), '')),
  },
  resources: {
    DatabaseSecret: explicitly(
      DeletionPolicy.Delete,
      new SecretsManager.Secret({
        Description: 'User and password of the catalog database.',
        KmsKeyId: Fn.GetAtt('DataKey', 'Arn'),
        SecretString: when('HasPassword', sub(`{"username":"${databaseUser}","password":"\${DBPassword}"}`)),
        GenerateSecretString: as(
          when('HasPassword', noValue, {
            SecretStringTemplate: `{"username":"${databaseUser}"}`,
            GenerateStringKey: 'password',
            PasswordLength: 32,
            ExcludeCharacters: String.raw`/"@\ `,
          }),
        ),
      }),
    ),
    DatabaseSubnets: new RDS.DBSubnetGroup({
      DBSubnetGroupDescription: 'Isolated subnets',
      SubnetIds: [ref('DataSubnet1'), ref('DataSubnet2')],
    }),
    DatabaseParameters: new RDS.DBParameterGroup({
      Description: 'TLS required, slow statements logged',
      Family: 'mysql8.4',
      Parameters: { require_secure_transport: 'ON', slow_query_log: '1', long_query_time: '2' },
    }),
    MetadataDatabase: instance,
    // Host and port beside the password, as the rotation functions of Secrets Manager expect them.
    DatabaseSecretAttachment: new SecretsManager.SecretTargetAttachment({
      SecretId: ref('DatabaseSecret'),
      TargetId: ref('MetadataDatabase'),
      TargetType: 'AWS::RDS::DBInstance',
    }),
  },
  outputs: {
    DatabaseEndpoint: {
      Description: 'Host of the catalog database.',
      Value: attribute('MetadataDatabase', 'Endpoint.Address'),
    },
    DatabaseSecretArn: { Description: 'Secret with its user and password.', Value: ref('DatabaseSecret') },
  },
};
