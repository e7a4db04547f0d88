import { EC2 } from 'cloudform';
import type { Area } from '../area.ts';
import { ref, sub } from '../intrinsics.ts';
import { https, securityGroup } from '../security-group.ts';

/** Services that functions and agents call, by the names of their interface endpoints; S3 has its gateway. */
const endpointServices = {
  Lambda: 'lambda',
  SecretsManager: 'secretsmanager',
  Ssm: 'ssm',
  SsmMessages: 'ssmmessages',
  Logs: 'logs',
  AutoScaling: 'autoscaling',
  CloudFormation: 'cloudformation',
};

const interfaceEndpoints = Object.fromEntries(
  Object.entries(endpointServices).map(([name, service]) => [
    `${name}Endpoint`,
    new EC2.VPCEndpoint({
      VpcId: ref('Vpc'),
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      ServiceName: sub(`com.amazonaws.\${AWS::Region}.${service}`),
      SubnetIds: [ref('PrivateSubnet1'), ref('PrivateSubnet2')],
      SecurityGroupIds: [ref('EndpointSecurityGroup')],
    }),
  ]),
);

/** Ways to AWS services that do not leave the VPC. */
export const endpoints: Area = {
  why: 'Endpoints: without a NAT gateway these are the only ways out, so nothing but these services can be reached.',
  resources: {
    EndpointSecurityGroup: securityGroup('Interface endpoints: from the VPC', [
      { ...https, CidrIp: ref('VpcCidr'), Description: 'VPC' },
    ]),
    ...interfaceEndpoints,
  },
};
