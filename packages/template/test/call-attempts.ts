import type { Attempt } from './role-decision.ts';
import type { AwsCall } from './moto-platform.ts';

/** Names of things that calls leave open. */
export interface AccountNames {
  readonly account: string;
  readonly region: string;
  /** ARNs of secrets by their names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly key: string;
}

const s3Action = ({ method, path, query }: AwsCall): string => {
  const isObject = path.split('/').length > 2 && !path.endsWith('/');
  if (!isObject) return 's3:ListBucket';
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 's3:GetObject';
    case 'DELETE':
      return 'uploadId' in query ? 's3:AbortMultipartUpload' : 's3:DeleteObject';
    default:
      return 's3:PutObject';
  }
};

/** Encryption that S3 and Secrets Manager ask for in the caller's name. */
const withKey = (attempt: Attempt, actions: readonly string[], service: string, names: AccountNames): Attempt[] => [
  attempt,
  ...actions.map((action) => ({
    action,
    resource: names.key,
    context: { 'kms:ViaService': `${service}.${names.region}.amazonaws.com` },
  })),
];

/**
 * What IAM is asked when a call comes in, by the "Actions, resources, and condition keys" of the service authorization
 * reference; null for a call that this test does not know, which is then a reason to look.
 */
export const attemptsOf = (call: AwsCall, names: AccountNames): readonly Attempt[] | null => {
  const { account, region } = names;
  switch (call.service) {
    case 's3': {
      const action = s3Action(call);
      const [, bucket = '', ...key] = call.path.split('/');
      const resource = `arn:aws:s3:::${bucket}${action === 's3:ListBucket' ? '' : `/${key.join('/')}`}`;
      const keyActions = { 's3:GetObject': ['kms:Decrypt'], 's3:PutObject': ['kms:GenerateDataKey', 'kms:Decrypt'] };
      return withKey({ action, resource }, keyActions[action as keyof typeof keyActions] ?? [], 's3', names);
    }
    case 'lambda': {
      const name = /\/functions\/([^/]+)\/invocations$/.exec(call.path)?.[1];
      if (name === undefined) return null;
      const resource = `arn:aws:lambda:${region}:${account}:function:${name}`;
      return [{ action: 'lambda:InvokeFunction', resource }];
    }
    case 'secretsmanager': {
      const wanted = call.names['SecretId'] ?? '';
      const resource = wanted.startsWith('arn:') ? wanted : names.secrets[wanted];
      if (call.operation === null || resource === undefined) return null;
      return withKey(
        { action: `secretsmanager:${call.operation}`, resource },
        ['kms:Decrypt'],
        'secretsmanager',
        names,
      );
    }
    case 'ssm': {
      const resource = `arn:aws:ssm:${region}:${account}:parameter${call.names['Name'] ?? ''}`;
      return call.operation === null ? null : [{ action: `ssm:${call.operation}`, resource }];
    }
    default:
      return null;
  }
};
