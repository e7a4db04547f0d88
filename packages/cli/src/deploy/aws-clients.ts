import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { callAws } from './call-aws.ts';

/** The account and Region that a deployment goes to, with the clients for it. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
  readonly cloudFormation: CloudFormationClient;
  /** A client of S3 in any Region. */
  s3(region: string): S3Client;
  close(): void;
}

/**
 * Finds out the account, with the credentials and the Region that AWS's tools use when `region` is not given. Throws
 * AWS_REGION_MISSING, and what {@link callAws} throws.
 */
export async function openAwsPlace(region: string | undefined, signal: AbortSignal): Promise<AwsPlace> {
  const cloudFormation = new CloudFormationClient(region === undefined ? {} : { region });
  const chosen = await regionOf(cloudFormation);
  const sts = new STSClient({ region: chosen });
  try {
    const identity = await callAws('ask for the account', () =>
      sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal }),
    );
    const clients = new Map<string, S3Client>();
    return {
      account: identity.Account ?? '',
      region: chosen,
      cloudFormation,
      s3: (wanted) => {
        const client = clients.get(wanted) ?? new S3Client({ region: wanted });
        clients.set(wanted, client);
        return client;
      },
      close: () => {
        cloudFormation.destroy();
        for (const client of clients.values()) client.destroy();
      },
    };
  } finally {
    sts.destroy();
  }
}

async function regionOf(client: CloudFormationClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (error) {
    throw new PlatformError('AWS_REGION_MISSING', 'no Region is given, and the AWS configuration names none', {
      cause: error,
    });
  }
}
