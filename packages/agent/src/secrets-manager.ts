import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { Secrets } from './secrets.ts';
import { requestHandler } from './request-limits.ts';

/** What asking again cannot change. */
const finalErrors = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
  'ValidationException',
]);

/**
 * Secrets of AWS Secrets Manager: the secret's name is an ARN or a name there, the value its text. The SDK finds region,
 * credentials and endpoint in its usual places. Throws SECRET_UNAVAILABLE too, when the service does not answer.
 */
export function secretsManager(): Secrets {
  const client = new SecretsManagerClient({ maxAttempts: 5, requestHandler });
  return {
    read: async (name) => {
      const value = (await readSecret(client, name)).replace(/\r?\n$/, '');
      if (value === '') throw new PlatformError('SECRET_MISSING', `the secret ${name} holds no text`);
      return value;
    },
  };
}

async function readSecret(client: SecretsManagerClient, name: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return SecretString ?? '';
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    const code = finalErrors.has(reason) ? 'SECRET_MISSING' : 'SECRET_UNAVAILABLE';
    throw new PlatformError(code, `the secret ${name} cannot be read (${reason})`, { cause: error });
  }
}
