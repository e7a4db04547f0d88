import { AutoScaling, IAM } from 'cloudform';
import type { Area } from '../area.ts';
import { artifactsCondition } from '../artifacts.ts';
import { drainHook, hostTemplate, nameTag } from '../host.ts';
import { exceptFor } from '../guard-exceptions.ts';
import { arn, attribute, ref, sub } from '../intrinsics.ts';
import { allow, trustService } from '../policy.ts';
import { boundaryCondition, role } from '../role.ts';

const groupName = '${PlatformStack}-backup-maintenance-asg';

/** The one instance that may remove from the repository, what retention or prune decided. */
export const maintenance: Area = {
  why: 'Maintenance: the only role that removes from the repository, on an instance that reads no source. It cannot lift a lock.',
  conditions: { ...artifactsCondition, ...boundaryCondition },
  resources: {
    MaintenanceRole: role(
      trustService('ec2'),
      'remove',
      [
        allow(
          's3:DeleteObject',
          ['data', 'index', 'snapshots'].map((kind) => arn(`s3:::\${BackupBucket}/*/${kind}/*`)),
        ),
      ],
      [ref('HostPolicy')],
    ),
    MaintenanceProfile: new IAM.InstanceProfile({ Roles: [ref('MaintenanceRole')] }),
    MaintenanceTemplate: hostTemplate(
      { group: 'MaintenanceGroup', stack: '${PlatformStack}', groupName, kinds: 'forget' },
      'MaintenanceProfile',
      't4g.small',
    ),
    MaintenanceGroup: exceptFor(
      ['CT.AUTOSCALING.PR.1', 'CT.AUTOSCALING.PR.6'],
      'one small instance, in either of two zones by its subnets',
      new AutoScaling.AutoScalingGroup({
        AutoScalingGroupName: sub(groupName),
        MinSize: '0',
        MaxSize: '2',
        DesiredCapacity: '1',
        VPCZoneIdentifier: [ref('PrivateSubnet1'), ref('PrivateSubnet2')],
        LaunchTemplate: {
          LaunchTemplateId: ref('MaintenanceTemplate'),
          Version: attribute('MaintenanceTemplate', 'LatestVersionNumber'),
        },
        LifecycleHookSpecificationList: [drainHook],
        Tags: [nameTag('${PlatformStack}-backup-maintenance')],
      })
        .creationPolicy({ ResourceSignal: { Count: 1, Timeout: 'PT15M' } })
        .updatePolicy({ AutoScalingRollingUpdate: { PauseTime: 'PT15M', WaitOnResourceSignals: true } }),
    ),
  },
  outputs: {
    MaintenanceRoleArn: {
      Description: 'Role that may remove from the repository.',
      Value: attribute('MaintenanceRole', 'Arn'),
    },
    MaintenanceGroupName: { Description: 'Its Auto Scaling group.', Value: ref('MaintenanceGroup') },
  },
};
