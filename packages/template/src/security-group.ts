import { EC2 } from 'cloudform';
import { ref } from './intrinsics.ts';

type Rules<Direction extends 'SecurityGroupIngress' | 'SecurityGroupEgress'> = NonNullable<
  EC2.SecurityGroup['Properties'][Direction]
>;

/** Security groups allow every way out unless they name one; this one leads nowhere. */
const noWayOut = [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }];

/** The port of every AWS service. */
export const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };

/** A security group of the VPC with these ways in and out, and no other. */
export const securityGroup = (
  description: string,
  ingress: Rules<'SecurityGroupIngress'> | undefined,
  egress: Rules<'SecurityGroupEgress'> = noWayOut,
): EC2.SecurityGroup =>
  new EC2.SecurityGroup({
    GroupDescription: description,
    VpcId: ref('Vpc'),
    ...(ingress === undefined ? {} : { SecurityGroupIngress: ingress }),
    SecurityGroupEgress: egress,
  });
