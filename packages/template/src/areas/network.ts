import { EC2, Fn } from 'cloudform';
import type { Area } from '../area.ts';
import { attribute, ref, sub, subnetBlock, when, zone } from '../intrinsics.ts';
import { nestedStack } from '../nested-stack.ts';
import { https, securityGroup } from '../security-group.ts';

const mysql = { IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306 };
const nfs = { IpProtocol: 'tcp', FromPort: 2049, ToPort: 2049 };

const subnet = (index: number, isPublic = false): EC2.Subnet =>
  new EC2.Subnet({
    VpcId: ref('Vpc'),
    AvailabilityZone: zone(index % 2),
    CidrBlock: subnetBlock('VpcCidr', index),
    ...(isPublic ? { MapPublicIpOnLaunch: false } : {}),
  });

const association = (subnetName: string, routes: string): EC2.SubnetRouteTableAssociation =>
  new EC2.SubnetRouteTableAssociation({ SubnetId: ref(subnetName), RouteTableId: ref(routes) });

const nat = (index: 1 | 2, condition: string): Area['resources'] => ({
  [`NatAddress${index}`]: new EC2.EIP({ Domain: 'vpc' }).condition(condition),
  [`NatGateway${index}`]: new EC2.NatGateway({
    AllocationId: attribute(`NatAddress${index}`, 'AllocationId'),
    SubnetId: ref(`PublicSubnet${index}`),
  }).condition(condition),
  [`PrivateDefaultRoute${index}`]: new EC2.Route({
    RouteTableId: ref(`PrivateRoutes${index}`),
    DestinationCidrBlock: '0.0.0.0/0',
    NatGatewayId: index === 1 ? ref('NatGateway1') : when('NatPerZone', ref('NatGateway2'), ref('NatGateway1')),
  }).condition('HasNat'),
});

/** VPC, subnets, ways out, security groups, flow logs. */
export const network: Area = {
  why: 'Network: data has no route out, agents and functions no way in; bytes to S3 take the free gateway endpoint.',
  conditions: {
    HasNoNat: Fn.Equals(ref('NatGateways'), 'none'),
    HasNat: Fn.Not({ Condition: 'HasNoNat' }),
    NatPerZone: Fn.Equals(ref('NatGateways'), 'per-zone'),
  },
  resources: {
    Vpc: new EC2.VPC({
      CidrBlock: ref('VpcCidr'),
      EnableDnsSupport: true,
      EnableDnsHostnames: true,
      Tags: [{ Key: 'Name', Value: ref('AWS::StackName') }],
    }),
    PublicSubnet1: subnet(0, true),
    PublicSubnet2: subnet(1, true),
    PrivateSubnet1: subnet(2),
    PrivateSubnet2: subnet(3),
    DataSubnet1: subnet(4),
    DataSubnet2: subnet(5),
    InternetGateway: new EC2.InternetGateway({}),
    InternetAttachment: new EC2.VPCGatewayAttachment({ VpcId: ref('Vpc'), InternetGatewayId: ref('InternetGateway') }),
    PublicRoutes: new EC2.RouteTable({ VpcId: ref('Vpc') }),
    PublicDefaultRoute: new EC2.Route({
      RouteTableId: ref('PublicRoutes'),
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: ref('InternetGateway'),
    }).dependsOn('InternetAttachment'),
    PublicAssociation1: association('PublicSubnet1', 'PublicRoutes'),
    PublicAssociation2: association('PublicSubnet2', 'PublicRoutes'),
    PrivateRoutes1: new EC2.RouteTable({ VpcId: ref('Vpc') }),
    PrivateRoutes2: new EC2.RouteTable({ VpcId: ref('Vpc') }),
    PrivateAssociation1: association('PrivateSubnet1', 'PrivateRoutes1'),
    PrivateAssociation2: association('PrivateSubnet2', 'PrivateRoutes2'),
    ...nat(1, 'HasNat'),
    ...nat(2, 'NatPerZone'),
    S3Endpoint: new EC2.VPCEndpoint({
      VpcId: ref('Vpc'),
      ServiceName: sub('com.amazonaws.${AWS::Region}.s3'),
      RouteTableIds: [ref('PrivateRoutes1'), ref('PrivateRoutes2')],
    }),
    FunctionSecurityGroup: securityGroup('Functions: to the database and to AWS services', undefined, [
      { ...mysql, CidrIp: ref('VpcCidr'), Description: 'Database' },
      { ...https, CidrIp: '0.0.0.0/0', Description: 'AWS services' },
    ]),
    AgentSecurityGroup: securityGroup('Agents: to AWS services and to the shared file system', undefined, [
      { ...https, CidrIp: '0.0.0.0/0', Description: 'AWS services' },
      { ...nfs, CidrIp: ref('VpcCidr'), Description: 'Shared file system' },
    ]),
    DatabaseSecurityGroup: securityGroup('Database: from the functions', [
      { ...mysql, SourceSecurityGroupId: ref('FunctionSecurityGroup'), Description: 'Functions' },
    ]),
    FileSystemSecurityGroup: securityGroup('Shared file system: from the agents', [
      { ...nfs, SourceSecurityGroupId: ref('AgentSecurityGroup'), Description: 'Agents' },
    ]),
    ServiceEndpoints: nestedStack('endpoints.yaml', {
      Vpc: ref('Vpc'),
      VpcCidr: ref('VpcCidr'),
      PrivateSubnet1: ref('PrivateSubnet1'),
      PrivateSubnet2: ref('PrivateSubnet2'),
    }).condition('HasNoNat'),
    FlowLogs: new EC2.FlowLog({
      ResourceId: ref('Vpc'),
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: sub('${LogBucket.Arn}/flow/'),
    }).dependsOn('LogBucketPolicy'),
  },
  outputs: {
    VpcId: { Description: 'The VPC.', Value: ref('Vpc') },
  },
};
