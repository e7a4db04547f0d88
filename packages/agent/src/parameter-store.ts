import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { requestHandler } from './request-limits.ts';

/**
 * Reads the text of a parameter of SSM Parameter Store; null when there is none of this name. The SDK finds region,
 * credentials and endpoint in its usual places. Throws the service's error.
 */
export function parameterReader(name: string): () => Promise<string | null> {
  const client = new SSMClient({ maxAttempts: 3, requestHandler });
  return async () => {
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
      return Parameter?.Value ?? null;
    } catch (error) {
      if (error instanceof Error && error.name === 'ParameterNotFound') return null;
      throw error;
    }
  };
}
