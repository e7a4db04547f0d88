import type { IncomingMessage } from 'node:http';
import { ServiceRefusal } from './service-error.ts';

/** Most bytes of a request that waits for its answer: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. */
export const largestRequest = 6_291_456;
/** Most bytes of an event. Same source. */
export const largestEvent = 1_048_576;

/** Bytes of a refused body that are read and thrown away, so that the client gets to read the answer. */
const largestDiscarded = 256 * 1024 * 1024;

/**
 * Reads the body of a request, of which at most `limit` bytes are kept. A larger one is read to its end before it is
 * refused, since a client that still writes would see a broken connection instead of the answer.
 *
 * @throws ServiceRefusal RequestTooLargeException; Error when the client breaks off.
 */
export async function readRequestBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
    if (size > largestDiscarded) break;
  }
  if (size > limit) {
    throw new ServiceRefusal('RequestTooLargeException', `the request must be no larger than ${limit} bytes`);
  }
  return Buffer.concat(chunks);
}

/** A byte order mark is handed on, and then refused, as JSON has none (RFC 8259, section 8.1). */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The event in a body: any JSON value; an empty body is the event `{}`. Throws ServiceRefusal when it is not JSON. */
export function parseEvent(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  let text: string;
  try {
    text = strictUtf8.decode(body);
  } catch {
    throw new ServiceRefusal('InvalidRequestContentException', 'the request body is not JSON: it is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes a part of the text; the position is enough and shows no content.
    const position = error instanceof SyntaxError ? /position \d+/.exec(error.message)?.[0] : undefined;
    const where = position === undefined ? '' : ` at ${position}`;
    throw new ServiceRefusal('InvalidRequestContentException', `the request body is not JSON: syntax error${where}`);
  }
}
