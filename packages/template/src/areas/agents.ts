import { AutoScaling, DeletionPolicy, EFS, SSM } from 'cloudform';
import { functionNames, metricsNamespace } from '@enterprise-backup/contracts/names';
import type { Area } from '../area.ts';
import { explicitly } from '../deletion.ts';
import { exceptFor } from '../guard-exceptions.ts';
import { logGroup } from '../function-resource.ts';
import { as, attribute, ref, sub } from '../intrinsics.ts';
import { policyDocument } from '../policy.ts';
import { drainHook, hostTemplate, nameTag } from '../host.ts';
import { nestedStack } from '../nested-stack.ts';
import { artifactsBucket } from '../artifacts.ts';

const groupName = '${AWS::StackName}-backup-agents-asg';

const update: AutoScaling.AutoScalingGroup['UpdatePolicy'] = {
  AutoScalingRollingUpdate: {
    MinInstancesInService: 1,
    MaxBatchSize: 1,
    PauseTime: 'PT15M',
    WaitOnResourceSignals: true,
    SuspendProcesses: ['HealthCheck', 'ReplaceUnhealthy', 'AZRebalance', 'AlarmNotification', 'ScheduledActions'],
  },
};

/**
 * Tasks that wait for nothing but an agent, for each agent in service: the figure that the size of the group follows. A schedule
 * has one task that waits at most, so that work that agents do not come to never shows as a growing number.
 */
const waitingPerAgent = {
  TargetValue: 1,
  CustomizedMetricSpecification: {
    Metrics: [
      {
        Id: 'waiting',
        ReturnData: false,
        MetricStat: {
          Stat: 'Maximum',
          Metric: {
            Namespace: metricsNamespace,
            MetricName: 'TasksWaiting',
            Dimensions: [{ Name: 'service', Value: sub(functionNames('${AWS::StackName}').orchestrator) }],
          },
        },
      },
      {
        Id: 'agents',
        ReturnData: false,
        MetricStat: {
          Stat: 'Maximum',
          Metric: {
            Namespace: 'AWS/AutoScaling',
            MetricName: 'GroupInServiceInstances',
            Dimensions: [{ Name: 'AutoScalingGroupName', Value: ref('AgentGroup') }],
          },
        },
      },
      { Id: 'each', Label: 'Tasks waiting per agent', Expression: 'waiting / IF(agents > 0, agents, 1)' },
    ],
  },
};

const mount = (index: 1 | 2): EFS.MountTarget =>
  new EFS.MountTarget({
    FileSystemId: ref('FileSystem'),
    SubnetId: ref(`PrivateSubnet${index}`),
    SecurityGroups: [ref('FileSystemSecurityGroup')],
  });

/** The instances that move the bytes, and what they share. */
export const agents: Area = {
  why: 'Agents: instances that may vanish at any time. Day agents cannot remove; removal has an instance and role of its own.',
  resources: {
    AgentSettings: new SSM.Parameter({
      Name: sub('/${AWS::StackName}/agent-settings'),
      Description: 'Settings of the agents, in force about a minute after a change.',
      Type: 'String',
      Value: '{"workers": 2}',
      AllowedPattern: String.raw`\{[\s\S]*\}`,
    }),
    AgentLogs: logGroup('/${AWS::StackName}/backup-agent'),
    FileSystem: exceptFor(
      ['CT.ELASTICFILESYSYSTEM.PR.2'],
      'cache and scratch: nothing of it is kept',
      explicitly(
        DeletionPolicy.Delete,
        new EFS.FileSystem({
          Encrypted: true,
          KmsKeyId: attribute('DataKey', 'Arn'),
          ThroughputMode: 'elastic',
          BackupPolicy: { Status: 'DISABLED' },
          LifecyclePolicies: [{ TransitionToIA: 'AFTER_7_DAYS' }],
          FileSystemPolicy: policyDocument({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: [
              'elasticfilesystem:ClientMount',
              'elasticfilesystem:ClientWrite',
              'elasticfilesystem:ClientRootAccess',
            ],
            Resource: '*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        }),
      ),
    ),
    FileSystemMount1: mount(1),
    FileSystemMount2: mount(2),
    AgentTemplate: hostTemplate(
      { group: 'AgentGroup', stack: '${AWS::StackName}', groupName, kinds: 'backup,recovery,verify' },
      'AgentProfile',
      sub('m7g.${AgentSize}'),
    ),
    AgentGroup: exceptFor(
      ['CT.AUTOSCALING.PR.1', 'CT.AUTOSCALING.PR.11'],
      'its two subnets lie in two zones; everything that leaves an instance goes through TLS',
      new AutoScaling.AutoScalingGroup({
        AutoScalingGroupName: sub(groupName),
        MinSize: ref('AgentMinimum'),
        MaxSize: ref('AgentMaximum'),
        VPCZoneIdentifier: [ref('PrivateSubnet1'), ref('PrivateSubnet2')],
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: {
              LaunchTemplateId: ref('AgentTemplate'),
              Version: attribute('AgentTemplate', 'LatestVersionNumber'),
            },
            Overrides: [
              { InstanceType: sub('m7g.${AgentSize}') },
              { InstanceType: sub('m6g.${AgentSize}') },
              ...['m7i', 'm6i'].map((family) => ({
                InstanceType: sub(`${family}.\${AgentSize}`),
                ImageId: ref('IntelImage'),
              })),
            ],
          },
          InstancesDistribution: {
            OnDemandBaseCapacity: 1,
            OnDemandPercentageAboveBaseCapacity: ref('OnDemandPercentage'),
            SpotAllocationStrategy: 'price-capacity-optimized',
          },
        },
        CapacityRebalance: true,
        DefaultInstanceWarmup: 180,
        HealthCheckType: 'EC2',
        HealthCheckGracePeriod: 300,
        LifecycleHookSpecificationList: [drainHook],
        MetricsCollection: [{ Granularity: '1Minute', Metrics: ['GroupInServiceInstances', 'GroupDesiredCapacity'] }],
        Tags: [nameTag('${AWS::StackName}-backup-agent')],
      })
        .creationPolicy({ ResourceSignal: { Count: ref('AgentMinimum'), Timeout: 'PT15M' } })
        .updatePolicy(update)
        .dependsOn(['FileSystemMount1', 'FileSystemMount2', 'CatalogSchema']),
    ),
    AgentScaling: new AutoScaling.ScalingPolicy({
      AutoScalingGroupName: ref('AgentGroup'),
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: as(waitingPerAgent),
    }),
    Maintenance: nestedStack('maintenance.yaml', {
      PlatformStack: ref('AWS::StackName'),
      BackupBucket: ref('BackupBucket'),
      FileSystem: ref('FileSystem'),
      HostPolicy: ref('HostPolicy'),
      AgentSecurityGroup: ref('AgentSecurityGroup'),
      PrivateSubnet1: ref('PrivateSubnet1'),
      PrivateSubnet2: ref('PrivateSubnet2'),
      ArmImage: ref('ArmImage'),
      ArtifactsBucket: artifactsBucket,
      AgentArchive: ref('AgentArchive'),
      PermissionsBoundary: ref('PermissionsBoundary'),
    }).dependsOn(['FileSystemMount1', 'FileSystemMount2', 'CatalogSchema']),
  },
  outputs: {
    AgentGroupName: { Description: 'Auto Scaling group of the agents.', Value: ref('AgentGroup') },
    AgentSettingsName: { Description: "Parameter with the agents' settings.", Value: ref('AgentSettings') },
    AgentLogGroup: { Description: "Log group of the agents' logs.", Value: ref('AgentLogs') },
    FileSystemId: { Description: 'Shared cache and scratch of the agents.', Value: ref('FileSystem') },
  },
};
