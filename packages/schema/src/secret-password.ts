import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PlatformError } from '@enterprise-backup/contracts/errors';

/**
 * Reads the password from a secret of AWS Secrets Manager: a JSON object with the field `password`, as RDS and its
 * rotation functions keep it. Credentials, Region and endpoint come from the SDK's usual places.
 *
 * @param id ARN or name of the secret
 * @throws PlatformError SECRET_MISSING when it cannot be read or holds no password; no message holds the value.
 */
export const readSecretPassword = async (id: string): Promise<string> => {
  const text = await readSecret(id);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own error would quote the secret.
    throw new PlatformError('SECRET_MISSING', `the secret ${id} is not JSON`);
  }
  const password: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'password') : undefined;
  if (typeof password === 'string' && password !== '') return password;
  throw new PlatformError('SECRET_MISSING', `the secret ${id} has no field password`);
};

const readSecret = async (id: string): Promise<string> => {
  const client = new SecretsManagerClient({});
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    return SecretString ?? '';
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    throw new PlatformError('SECRET_MISSING', `the secret ${id} cannot be read (${reason})`, { cause: error });
  } finally {
    client.destroy();
  }
};
