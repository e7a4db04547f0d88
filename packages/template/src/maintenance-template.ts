import type { TemplateDefinition } from './area.ts';
import { maintenance } from './areas/maintenance.ts';

/** `templates/maintenance.yaml`: who may remove from the repository, as a nested stack of main.yaml. */
export const maintenanceTemplate: TemplateDefinition = {
  description: 'Enterprise backup and disaster recovery: the instance that removes what retention no longer keeps.',
  parameterGroups: [
    {
      label: 'Platform',
      parameters: {
        PlatformStack: {
          label: 'Stack',
          parameter: { Type: 'String', Description: 'Name of the stack of main.yaml.' },
        },
        BackupBucket: { label: 'Bucket', parameter: { Type: 'String', Description: 'Bucket of the repository.' } },
        HostPolicy: {
          label: 'Policy',
          parameter: { Type: 'String', Description: 'Policy of every instance with an agent.' },
        },
        PermissionsBoundary: {
          label: 'Permissions boundary',
          parameter: { Type: 'String', Default: '', Description: 'ARN of a policy that bounds the role; or empty.' },
        },
      },
    },
    {
      label: 'Instance',
      parameters: {
        ArmImage: { label: 'Image', parameter: { Type: 'AWS::EC2::Image::Id', Description: 'Image for arm64.' } },
        AgentSecurityGroup: {
          label: 'Security group',
          parameter: { Type: 'AWS::EC2::SecurityGroup::Id', Description: 'Security group of the agents.' },
        },
        PrivateSubnet1: {
          label: 'Subnet in the first zone',
          parameter: { Type: 'AWS::EC2::Subnet::Id', Description: 'Private subnet of the first zone.' },
        },
        PrivateSubnet2: {
          label: 'Subnet in the second zone',
          parameter: { Type: 'AWS::EC2::Subnet::Id', Description: 'Private subnet of the second zone.' },
        },
        FileSystem: { label: 'File system', parameter: { Type: 'String', Description: 'Shared cache and scratch.' } },
        ArtifactsBucket: {
          label: 'Bucket of artifacts',
          parameter: { Type: 'String', Description: 'Bucket that holds the archive of the agent.' },
        },
        AgentArchive: {
          label: 'Archive',
          parameter: { Type: 'String', Description: 'Key of it, without -ARCHITECTURE.tar.gz.' },
        },
      },
    },
  ],
  areas: [maintenance],
};
