import type { TemplateDefinition } from './area.ts';
import { recoveryHost, standby } from './areas/standby.ts';

/** `templates/dr-region.yaml`: the second Region, by StackSet of main.yaml or by hand. */
export const drRegionTemplate: TemplateDefinition = {
  description:
    'Enterprise backup and disaster recovery: the DR Region. main.yaml deploys it as a StackSet; create-stack by hand does as well.',
  parameterGroups: [
    {
      label: 'Platform',
      parameters: {
        PlatformStack: {
          label: 'Stack',
          parameter: {
            Type: 'String',
            Default: 'enterprise-backup-dr-platform',
            AllowedPattern: '[a-zA-Z][a-zA-Z0-9-]{0,127}',
            Description: 'Name of the stack of main.yaml in the primary Region.',
          },
        },
        PrimaryKeyArn: {
          label: 'Key',
          parameter: {
            Type: 'String',
            Default: '',
            AllowedPattern: '(|arn:.+:key/mrk-.+)',
            Description: 'ARN of the multi-Region key in the primary Region; empty makes a key of its own.',
          },
        },
        BackupRetentionDays: {
          label: 'Days that backups are kept',
          parameter: {
            Type: 'Number',
            Default: 30,
            MinValue: 1,
            MaxValue: 3650,
            Description: 'Days for which objects are locked, and for which removed ones can be brought back.',
          },
        },
        ObjectLockMode: {
          label: 'Object lock',
          parameter: {
            Type: 'String',
            Default: 'GOVERNANCE',
            AllowedValues: ['OFF', 'GOVERNANCE', 'COMPLIANCE'],
            Description: 'Default lock of new objects; nobody can lift COMPLIANCE before its end.',
          },
        },
        PermissionsBoundary: {
          label: 'Permissions boundary',
          parameter: {
            Type: 'String',
            Default: '',
            AllowedPattern: '(|arn:.+:policy/.+)',
            Description: 'ARN of a policy that bounds the role; empty for none.',
          },
        },
      },
    },
    {
      label: 'Machine for recoveries',
      parameters: {
        Image: {
          label: 'Image',
          parameter: {
            Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
            Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
            Description: 'Parameter that names the image, of the architecture of the instance type.',
          },
        },
        InstanceType: {
          label: 'Type',
          parameter: {
            Type: 'String',
            Default: 'm7g.xlarge',
            AllowedPattern: String.raw`[a-z0-9-]+\.[a-z0-9]+`,
            Description: 'Instance type of the machine; nothing runs until a person starts it.',
          },
        },
        VolumeGiB: {
          label: 'Volume',
          parameter: {
            Type: 'Number',
            Default: 200,
            MinValue: 30,
            MaxValue: 16_384,
            Description: 'GiB of its encrypted volume, which takes what is restored.',
          },
        },
      },
    },
  ],
  areas: [standby, recoveryHost],
};
