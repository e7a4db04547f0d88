interface Advice {
  /** Type of the resource; left out where it does not matter. */
  readonly type?: string;
  readonly reason: RegExp;
  readonly advice: string;
}

/** What CloudFormation's and the services' own words mean for this platform, the most telling first. */
const known: readonly Advice[] = [
  {
    reason: /NoSuchKey|S3 Error Code: NoSuch|The specified key does not exist|TemplateURL must reference a valid S3/i,
    advice: 'An artifact is missing in the bucket: run npm run publish, then deploy again.',
  },
  {
    reason: /NoSuchBucket|bucket does not exist/i,
    advice: 'The bucket of the artifacts is missing: run npm run publish for this Region, then deploy again.',
  },
  {
    reason: /already exists|AlreadyExists|AlreadyOwnedByYou/i,
    advice:
      'Something of that name is left from an earlier stack, which keeps its data when it is deleted: choose another stack name, or empty and delete what is left.',
  },
  {
    reason: /UnreservedConcurrentExecution/i,
    advice:
      'The account allows too few concurrent executions of functions: lower FunctionConcurrency, or ask for more in Service Quotas (Lambda, Concurrent executions).',
  },
  {
    reason: /not authorized|AccessDenied|Access Denied|is not allowed/i,
    advice: 'Give the user or role that deploys the right that is named, then deploy again.',
  },
  {
    reason: /LimitExceeded|limit exceeded|has been reached|quota|maximum number of/i,
    advice: 'Ask for more of it in Service Quotas, or remove what is no longer used, then deploy again.',
  },
  {
    type: 'AWS::AutoScaling::AutoScalingGroup',
    reason: /Failed to receive|signal/i,
    advice:
      'An instance did not come up. Read its console output with aws ec2 get-console-output, or /var/log/cloud-init-output.log on it through Session Manager.',
  },
  {
    reason: /InsufficientInstanceCapacity|InsufficientDBInstanceCapacity|not have sufficient/i,
    advice: 'AWS has none of this type left in the zone: choose another size or class, or try later.',
  },
  {
    type: 'Custom::CatalogSchema',
    reason: /./,
    advice: 'The tables could not be brought up: read the log group of the orchestrator function.',
  },
  {
    type: 'AWS::RDS::DBInstance',
    reason: /DeletionProtection|deletion protection/i,
    advice: 'Deploy with Environment set to staging, which takes the protection away, then delete again.',
  },
  {
    type: 'AWS::RDS::DBInstance',
    reason: /engine version|Cannot find version/i,
    advice: 'This Region does not offer the engine version of the template.',
  },
  {
    type: 'AWS::CloudFormation::StackSet',
    reason: /./,
    advice: 'See the operations of the StackSet <stack>-dr, and the events of its stack in the DR Region.',
  },
];

/** What a person does about a resource that failed for this reason. */
export function failureAdvice(type: string, reason: string): string {
  const match = known.find((each) => (each.type === undefined || each.type === type) && each.reason.test(reason));
  return match?.advice ?? 'Mend what the reason says, then deploy again.';
}
