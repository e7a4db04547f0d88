import { PlatformError } from '@enterprise-backup/contracts/errors';

/** What the machine knows of itself by EC2's instance metadata service. */
export interface InstanceMetadata {
  /**
   * The text at `path` below `/latest/meta-data/`, or null where there is nothing (404). Throws METADATA_UNAVAILABLE when
   * the service does not answer, or answers with anything else.
   */
  read(path: string): Promise<string | null>;
}

/** How the service is reached. */
export interface InstanceMetadataSettings {
  /** Such as `http://169.254.169.254`. */
  readonly endpoint: string;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
}

const tokenSeconds = 21_600;
const requestMilliseconds = 2000;

/**
 * The metadata service in version 2, whose requests carry a token of a session:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function instanceMetadata({ endpoint, monotonic }: InstanceMetadataSettings): InstanceMetadata {
  let token: { readonly text: string; readonly renewAt: number } | null = null;

  async function request(method: 'GET' | 'PUT', path: string, headers: Record<string, string>): Promise<Response> {
    try {
      return await fetch(`${endpoint}/latest/${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(requestMilliseconds),
      });
    } catch (error) {
      throw new PlatformError('METADATA_UNAVAILABLE', `the metadata service does not answer for ${path}`, {
        cause: error,
      });
    }
  }

  async function text(path: string, response: Response): Promise<string> {
    const body = await response.text();
    if (response.ok) return body;
    throw new PlatformError('METADATA_UNAVAILABLE', `the metadata service answers ${response.status} for ${path}`);
  }

  async function currentToken(): Promise<string> {
    if (token !== null && monotonic() < token.renewAt) return token.text;
    const askedAt = monotonic();
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) };
    const fresh = await text('api/token', await request('PUT', 'api/token', headers));
    token = { text: fresh, renewAt: askedAt + tokenSeconds * 500 };
    return fresh;
  }

  async function read(path: string, mayRenew = true): Promise<string | null> {
    const response = await request('GET', `meta-data/${path}`, { 'x-aws-ec2-metadata-token': await currentToken() });
    if (response.status === 401 && mayRenew) {
      // An instance that was stopped and started does not know the tokens of before.
      token = null;
      await response.body?.cancel();
      return read(path, false);
    }
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    return text(path, response);
  }

  return { read: (path) => read(path) };
}
