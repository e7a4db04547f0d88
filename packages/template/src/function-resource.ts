import { DeletionPolicy, Lambda, Logs } from 'cloudform';
import { databaseUser } from './areas/database.ts';
import { artifactsBucket } from './artifacts.ts';
import { explicitly } from './deletion.ts';
import { attribute, ref, sub } from './intrinsics.ts';

/** What tells the two functions apart. */
export interface FunctionChoice {
  /** Full name, with `${AWS::StackName}` in it. */
  readonly name: string;
  readonly description: string;
  /** Parameter that holds the key of its code. */
  readonly codeParameter: string;
  readonly role: string;
  readonly logGroup: string;
}

/** A function of the platform. Its environment is what `readEnvironment` of the bundle asks for. */
export const platformFunction = (choice: FunctionChoice): Lambda.Function =>
  new Lambda.Function({
    FunctionName: sub(choice.name),
    Description: choice.description,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'lambda.handler',
    Code: { S3Bucket: artifactsBucket, S3Key: ref(choice.codeParameter) },
    Role: attribute(choice.role, 'Arn'),
    MemorySize: 512,
    Timeout: 60,
    ReservedConcurrentExecutions: ref('FunctionConcurrency'),
    VpcConfig: {
      SubnetIds: [ref('PrivateSubnet1'), ref('PrivateSubnet2')],
      SecurityGroupIds: [ref('FunctionSecurityGroup')],
    },
    Environment: {
      Variables: {
        CATALOG_HOST: attribute('MetadataDatabase', 'Endpoint.Address'),
        CATALOG_USER: databaseUser,
        CATALOG_PASSWORD_SECRET: ref('DatabaseSecret'),
        POWERTOOLS_SERVICE_NAME: sub(choice.name),
      },
    },
    DeadLetterConfig: { TargetArn: attribute('DeadLetters', 'Arn') },
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogGroup: ref(choice.logGroup), LogFormat: 'JSON' },
  });

/** A log group that the stack owns, so that its retention holds from the first entry on. */
export const logGroup = (name: string): Logs.LogGroup =>
  explicitly(
    DeletionPolicy.Delete,
    new Logs.LogGroup({
      LogGroupName: sub(name),
      RetentionInDays: ref('LogRetentionDays'),
      KmsKeyId: attribute('DataKey', 'Arn'),
    }),
  );
