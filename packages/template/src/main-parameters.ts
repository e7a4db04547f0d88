import type { ParameterGroup } from './area.ts';

const toggle = { Type: 'String', AllowedValues: ['true', 'false'] };

/** Password characters that RDS takes: printable ASCII without `/`, `"`, `@` and space; a backslash would end the JSON of the secret. */
const passwordPattern = String.raw`(|[!#-.0-?A-\[\]-~]{12,41})`;

/** What can be chosen for `main.yaml`. The first group suffices: everything else has a default. */
export const mainParameters: readonly ParameterGroup[] = [
  {
    label: 'What you have to choose',
    parameters: {
      Environment: {
        label: 'Environment',
        parameter: {
          Type: 'String',
          Default: 'production',
          AllowedValues: ['production', 'staging', 'development'],
          Description: 'What the stack serves; in production the database is protected from deletion.',
        },
      },
      DBPassword: {
        label: 'Password of the database',
        parameter: {
          Type: 'String',
          Default: '',
          NoEcho: true,
          AllowedPattern: passwordPattern,
          ConstraintDescription: String.raw`12 to 41 printable characters without space and / " @ \, or empty`,
          Description: 'Password of the catalog database; when empty, Secrets Manager makes one.',
        },
      },
      BackupRetentionDays: {
        label: 'Days that backups are kept',
        parameter: {
          Type: 'Number',
          Default: 30,
          MinValue: 1,
          MaxValue: 3650,
          Description: 'Days for which stored objects are locked, and for which removed ones can be brought back.',
        },
      },
    },
  },
  {
    label: 'Artifacts',
    parameters: {
      ArtifactsBucket: {
        label: 'Bucket',
        parameter: {
          Type: 'String',
          Default: '',
          AllowedPattern: '(|[a-z0-9][a-z0-9.-]{2,62})',
          Description: 'Bucket that npm run publish fills; when empty, enterprise-backup-artifacts-ACCOUNT-REGION.',
        },
      },
      ...artifact('OrchestratorCode', 'Orchestrator', 'current/orchestrator.zip', 'of the orchestrator function'),
      ...artifact('RecoveryCode', 'Recovery', 'current/recovery.zip', 'of the recovery function'),
      ...artifact('AgentArchive', 'Agent', 'current/agent', 'of the agent, without -ARCHITECTURE.tar.gz'),
      ...artifact('TemplatePrefix', 'Templates', 'current', 'under which the other templates lie'),
    },
  },
  {
    label: 'Storage and disaster recovery',
    parameters: {
      ObjectLockMode: {
        label: 'Object lock',
        parameter: {
          Type: 'String',
          Default: 'GOVERNANCE',
          AllowedValues: ['OFF', 'GOVERNANCE', 'COMPLIANCE'],
          Description: 'Default lock of new objects; nobody can lift COMPLIANCE before its end.',
        },
      },
      DRRegion: {
        label: 'DR Region',
        parameter: {
          Type: 'String',
          Default: 'us-west-2',
          AllowedPattern: '(|[a-z]{2}(-[a-z]+)+-[0-9])',
          Description: 'Second Region, to which everything is replicated; empty for none.',
        },
      },
    },
  },
  {
    label: 'Network',
    parameters: {
      VpcCidr: {
        label: 'Address range',
        parameter: {
          Type: 'String',
          Default: '10.60.0.0/16',
          AllowedPattern: String.raw`(10|172|192)(\.\d{1,3}){3}/(1[6-9]|2[01])`,
          ConstraintDescription: 'a private range of /16 to /21, such as 10.60.0.0/16',
          Description: 'Private range of the VPC, /16 to /21; six subnets of 256 addresses are cut from it.',
        },
      },
      NatGateways: {
        label: 'NAT gateways',
        parameter: {
          Type: 'String',
          Default: 'one',
          AllowedValues: ['none', 'one', 'per-zone'],
          Description: 'Way out of the private subnets; with none, interface endpoints reach the AWS services.',
        },
      },
    },
  },
  {
    label: 'Database',
    parameters: {
      DatabaseClass: {
        label: 'Class',
        parameter: {
          Type: 'String',
          Default: 'db.t4g.medium',
          AllowedPattern: String.raw`db\.[a-z0-9]+\.[a-z0-9]+`,
          Description: 'Instance class of the catalog database.',
        },
      },
      DatabaseStorage: {
        label: 'Storage',
        parameter: {
          Type: 'Number',
          Default: 20,
          MinValue: 20,
          MaxValue: 1000,
          Description: 'GiB of storage; it grows by itself up to 1000.',
        },
      },
      DatabaseMultiAZ: {
        label: 'Standby in the second zone',
        parameter: { ...toggle, Default: 'true', Description: 'Whether a standby in the second zone takes over.' },
      },
      DatabaseBackupDays: {
        label: 'Days of automatic backups',
        parameter: {
          Type: 'Number',
          Default: 14,
          MinValue: 1,
          MaxValue: 35,
          Description: "Days to which the database can be set back; RDS' own limit is 35.",
        },
      },
    },
  },
  {
    label: 'Functions',
    parameters: {
      FunctionConcurrency: {
        label: 'Reserved concurrency',
        parameter: {
          Type: 'Number',
          Default: 10,
          MinValue: 1,
          MaxValue: 100,
          Description: 'Invocations of each function at a time; each holds up to 4 database connections.',
        },
      },
    },
  },
  {
    label: 'Agents',
    parameters: {
      AgentSize: {
        label: 'Size',
        parameter: {
          Type: 'String',
          Default: 'large',
          AllowedValues: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge'],
          Description:
            'Size of the instances, of the types m7g, m6g, m7i and m6i (there is no medium of the last two).',
        },
      },
      AgentMinimum: {
        label: 'At least',
        parameter: { Type: 'Number', Default: 2, MinValue: 1, Description: 'Agents that always run.' },
      },
      AgentMaximum: {
        label: 'At most',
        parameter: { Type: 'Number', Default: 10, MinValue: 2, Description: 'Agents at most; more than at least.' },
      },
      OnDemandPercentage: {
        label: 'On-demand share',
        parameter: {
          Type: 'Number',
          Default: 50,
          MinValue: 0,
          MaxValue: 100,
          Description: 'Percent of the agents beyond the first that are not Spot.',
        },
      },
      ...image('ArmImage', 'arm64'),
      ...image('IntelImage', 'x86_64'),
    },
  },
  {
    label: 'Operation',
    parameters: {
      AlertEmail: {
        label: 'Address for alerts',
        parameter: {
          Type: 'String',
          Default: '',
          AllowedPattern: '(|[^@ ]+@[^@ ]+)',
          Description: 'E-mail address that gets the alerts, after it is confirmed; empty for none.',
        },
      },
      LogRetentionDays: {
        label: 'Days of logs',
        parameter: {
          Type: 'Number',
          Default: 365,
          AllowedValues: [7, 14, 30, 60, 90, 180, 365, 731],
          Description: 'Days that log entries are kept.',
        },
      },
      StorageAlarmGiB: {
        label: 'Alarm above',
        parameter: { Type: 'Number', Default: 10240, MinValue: 1, Description: 'GiB stored that raise an alarm.' },
      },
      PermissionsBoundary: {
        label: 'Permissions boundary',
        parameter: {
          Type: 'String',
          Default: '',
          AllowedPattern: '(|arn:.+:policy/.+)',
          Description: 'ARN of a policy that bounds every role; empty for none.',
        },
      },
    },
  },
];

function artifact(name: string, label: string, key: string, what: string): ParameterGroup['parameters'] {
  return { [name]: { label, parameter: { Type: 'String', Default: key, Description: `Key ${what}.` } } };
}

function image(name: string, architecture: string): ParameterGroup['parameters'] {
  const path = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-';
  return {
    [name]: {
      label: `Image for ${architecture}`,
      parameter: {
        Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
        Default: `${path}${architecture}`,
        Description: `Parameter that names the Amazon Linux 2023 image for ${architecture}.`,
      },
    },
  };
}
