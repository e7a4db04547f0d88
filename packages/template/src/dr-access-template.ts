import type { TemplateDefinition } from './area.ts';
import { drAccess, replicationAccess } from './areas/dr-access.ts';

/** `templates/dr-access.yaml`: the roles of the second Region, as a nested stack of main.yaml. */
export const drAccessTemplate: TemplateDefinition = {
  description: 'Enterprise backup and disaster recovery: roles that bring up the DR Region and replicate to it.',
  parameterGroups: [
    {
      label: 'Platform',
      parameters: {
        PlatformStack: {
          label: 'Stack',
          parameter: { Type: 'String', Description: 'Name of the stack of main.yaml.' },
        },
        DRRegion: { label: 'DR Region', parameter: { Type: 'String', Description: 'Region that stands by.' } },
        DataKey: { label: 'Key', parameter: { Type: 'String', Description: 'Id of the key of all data.' } },
        ArtifactsBucket: {
          label: 'Bucket of artifacts',
          parameter: { Type: 'String', Description: 'Bucket that holds dr-region.yaml.' },
        },
        TemplatePrefix: {
          label: 'Templates',
          parameter: { Type: 'String', Description: 'Key under which dr-region.yaml lies in it.' },
        },
        PermissionsBoundary: {
          label: 'Permissions boundary',
          parameter: { Type: 'String', Default: '', Description: 'ARN of a policy that bounds every role; or empty.' },
        },
      },
    },
  ],
  areas: [drAccess, replicationAccess],
};
