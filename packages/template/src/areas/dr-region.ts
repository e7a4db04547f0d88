import { CloudFormation, Fn } from 'cloudform';
import type { Area } from '../area.ts';
import { artifactsBucket, templateUrl } from '../artifacts.ts';
import { nestedStack } from '../nested-stack.ts';
import { arn, attribute, ref, sub } from '../intrinsics.ts';

const drBucket = '${AWS::StackName}-${AWS::AccountId}-${DRRegion}';

const parameter = (name: string, value: string | ReturnType<typeof ref>) => ({
  ParameterKey: name,
  ParameterValue: value,
});

/** The second Region: a StackSet with the template that can also be deployed by hand there. */
export const drRegion: Area = {
  why: 'DR Region: made before the bucket that replicates to it. What runs there needs nothing of this Region.',
  conditions: { HasDR: Fn.Not(Fn.Equals(ref('DRRegion'), '')) },
  resources: {
    DRAccess: nestedStack('dr-access.yaml', {
      PlatformStack: ref('AWS::StackName'),
      DRRegion: ref('DRRegion'),
      DataKey: ref('DataKey'),
      ArtifactsBucket: artifactsBucket,
      TemplatePrefix: ref('TemplatePrefix'),
      PermissionsBoundary: ref('PermissionsBoundary'),
    }).condition('HasDR'),
    DRStackSet: new CloudFormation.StackSet({
      StackSetName: sub('${AWS::StackName}-dr'),
      Description: 'What stands by in the DR Region',
      PermissionModel: 'SELF_MANAGED',
      AdministrationRoleARN: arn('iam::${AWS::AccountId}:role/${AWS::StackName}-dr-admin-${AWS::Region}'),
      ExecutionRoleName: sub('${AWS::StackName}-dr-${AWS::Region}'),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      TemplateURL: templateUrl('dr-region.yaml'),
      Parameters: [
        parameter('PlatformStack', ref('AWS::StackName')),
        parameter('PrimaryKeyArn', attribute('DataKey', 'Arn')),
        parameter('BackupRetentionDays', ref('BackupRetentionDays')),
        parameter('ObjectLockMode', ref('ObjectLockMode')),
        parameter('PermissionsBoundary', ref('PermissionsBoundary')),
      ],
      StackInstancesGroup: [{ DeploymentTargets: { Accounts: [ref('AWS::AccountId')] }, Regions: [ref('DRRegion')] }],
    })
      .condition('HasDR')
      .dependsOn('DRAccess'),
  },
  outputs: {
    DRBucketName: { Description: 'Bucket in the DR Region.', Value: sub(drBucket), Condition: 'HasDR' },
  },
};
