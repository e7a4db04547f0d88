import { EC2 } from 'cloudform';
import { drainHookName } from '@enterprise-backup/contracts/names';
import { attribute, ref, sub } from './intrinsics.ts';
import { userData, type HostChoice } from './user-data.ts';

/** A launch template for instances with an agent: no key pair, no public address, everything encrypted. */
export const hostTemplate = (
  host: HostChoice,
  profile: string,
  instanceType: string | ReturnType<typeof ref>,
): EC2.LaunchTemplate =>
  new EC2.LaunchTemplate({
    LaunchTemplateData: {
      ImageId: ref('ArmImage'),
      InstanceType: instanceType,
      IamInstanceProfile: { Arn: attribute(profile, 'Arn') },
      SecurityGroupIds: [ref('AgentSecurityGroup')],
      // One hop: a container on the instance does not reach the instance's role.
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: { VolumeSize: 30, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
        },
      ],
      UserData: userData(host),
    },
  });

/** Holds an instance for at most 15 minutes before it ends, so that its agent gives its tasks back. */
export const drainHook = {
  LifecycleHookName: drainHookName,
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: 900,
  DefaultResult: 'CONTINUE',
};

/** The name that a console shows for the instances of a group. */
export const nameTag = (name: string) => ({ Key: 'Name', Value: sub(name), PropagateAtLaunch: true });
