import type { S3Client } from '@aws-sdk/client-s3';

const checksumHeader = 'x-amz-checksum-sha256';
/** Which header the signature covers the body by. Source: "Signature Version 4" in the Amazon S3 API reference. */
const signedHeader = 'x-amz-content-sha256';
const commands: readonly (string | undefined)[] = ['PutObjectCommand', 'UploadPartCommand'];

/**
 * Signs what is uploaded with the SHA-256 that the request carries as its checksum anyhow, where the SDK would compute it once
 * more. A body that is not what was hashed is refused by the service, on both counts.
 */
export function signKnownHash(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { request } = args;
        if (commands.includes(commandName) && hasHeaders(request)) {
          const checksum = request.headers[checksumHeader];
          if (checksum !== undefined) request.headers[signedHeader] = Buffer.from(checksum, 'base64').toString('hex');
        }
        return next(args);
      },
    { step: 'build', name: 'signKnownHash' },
  );
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string | undefined> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
