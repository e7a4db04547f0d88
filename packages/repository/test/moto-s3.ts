import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startMotoServer } from '@enterprise-backup/test-support/moto-server';
import { vi } from 'vitest';

/** An S3 service of a test file's own, with a client of it. */
export interface MotoS3 {
  /** For example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly client: S3Client;
  /** Ends the service, and takes what tests have put into the environment out of it again. */
  stop(): Promise<void>;
}

/** Starts S3 with a bucket and puts credentials for it into the environment. */
export async function startMotoS3(bucket: string): Promise<MotoS3> {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  const server = await startMotoServer();
  const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    endpoint: server.endpoint,
    client,
    stop: async () => {
      client.destroy();
      await server.stop();
      vi.unstubAllEnvs();
    },
  };
}
