import type { TemplateDefinition } from './area.ts';
import { endpoints } from './areas/endpoints.ts';

/** `templates/endpoints.yaml`: what takes the place of NAT gateways, as a nested stack of main.yaml. */
export const endpointsTemplate: TemplateDefinition = {
  description: 'Enterprise backup and disaster recovery: interface endpoints, for a network without NAT gateways.',
  parameterGroups: [
    {
      label: 'Network',
      parameters: {
        Vpc: { label: 'VPC', parameter: { Type: 'AWS::EC2::VPC::Id', Description: 'The VPC of main.yaml.' } },
        VpcCidr: { label: 'Address range', parameter: { Type: 'String', Description: 'Its range.' } },
        PrivateSubnet1: {
          label: 'Subnet in the first zone',
          parameter: { Type: 'AWS::EC2::Subnet::Id', Description: 'Private subnet of the first zone.' },
        },
        PrivateSubnet2: {
          label: 'Subnet in the second zone',
          parameter: { Type: 'AWS::EC2::Subnet::Id', Description: 'Private subnet of the second zone.' },
        },
      },
    },
  ],
  areas: [endpoints],
};
