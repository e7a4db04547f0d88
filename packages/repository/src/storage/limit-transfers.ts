import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { TransferLimiter } from './transfer-limiter.ts';

/** Holds the bodies of a client's requests and answers back to what the limits allow. Headers are not counted. */
export function limitTransfers(client: S3Client, limiter: TransferLimiter): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (hasBody(request) && request.body instanceof Uint8Array && limiter.sliceOf('up') !== null) {
        // A copy: the request itself is signed, and may be sent again.
        const copy = Object.assign(Object.create(Object.getPrototypeOf(request) as object) as object, request, {
          body: Readable.from(slices(request.body, limiter), { objectMode: false }),
        });
        return limitAnswer(await next({ ...args, request: copy }), limiter);
      }
      return limitAnswer(await next(args), limiter);
    },
    // Next to the network: what lies around it signs, and reads the body.
    { step: 'deserialize', priority: 'low', name: 'limitTransfers' },
  );
}

function limitAnswer<Answer extends { readonly response: unknown }>(answer: Answer, limiter: TransferLimiter): Answer {
  const { response } = answer;
  if (hasBody(response) && response.body instanceof Readable && limiter.sliceOf('down') !== null) {
    response.body = Readable.from(limitedChunks(response.body, limiter), { objectMode: false });
  }
  return answer;
}

async function* slices(body: Uint8Array, limiter: TransferLimiter): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.byteLength;) {
    const slice = body.subarray(at, at + (limiter.sliceOf('up') ?? body.byteLength));
    await limiter.take('up', slice.byteLength);
    yield slice;
    at += slice.byteLength;
  }
}

async function* limitedChunks(body: Readable, limiter: TransferLimiter): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    await limiter.take('down', chunk.byteLength);
    yield chunk;
  }
}

function hasBody(message: unknown): message is { body?: unknown } {
  return typeof message === 'object' && message !== null && 'body' in message;
}
