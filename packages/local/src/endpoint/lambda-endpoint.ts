import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { errorFields, type Log } from '@enterprise-backup/agent/json-log';
import { EventQueue } from './event-queue.ts';
import { parseFunctionName } from './function-name.ts';
import type { LocalFunction } from './local-function.ts';
import { PeerCheck } from './peer-check.ts';
import { largestEvent, largestRequest, parseEvent, readRequestBody } from './request-body.ts';
import { refuseBrowsers } from './request-guard.ts';
import { serviceError, ServiceRefusal, type ServiceErrorAnswer } from './service-error.ts';

/** What the endpoint offers, and where. */
export interface LambdaEndpointSettings {
  readonly functions: readonly LocalFunction[];
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly log: Log;
  readonly region: string;
  /** Seconds before the further runs of an event that failed. Lambda's by default. */
  readonly eventRetrySeconds?: readonly number[];
}

/** A running endpoint. */
export interface LambdaEndpoint {
  readonly url: string;
  readonly port: number;
  /** Runs a function later, as an invocation of the type Event does. */
  addEvent(functionName: string, event: unknown): void;
  /** Takes nothing new, lets running invocations end, and closes. Safe to repeat. */
  stop(): Promise<void>;
}

const invocationPath = /^\/2015-03-31\/functions\/(?<name>[^/]+)\/invocations\/?$/;
const stopMilliseconds = 5000;
/** Longer than the idle time of clients' connection pools, so that a request seldom meets a closing connection. */
const keepAliveMilliseconds = 75_000;
const account = '000000000000';

/**
 * Starts the Invoke API of Lambda on 127.0.0.1, with the types RequestResponse, Event and DryRun:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. The AWS CLI and the SDKs use it as they use AWS.
 *
 * Requests may carry any signature or none: whoever runs as this user or as root may invoke, other users of the machine
 * may not where the system tells who is at the other end (Linux), and web pages may not.
 *
 * @throws PlatformError PORT_IN_USE
 */
export async function startLambdaEndpoint(settings: LambdaEndpointSettings): Promise<LambdaEndpoint> {
  const { log } = settings;
  const functions = new Map(settings.functions.map((offered) => [offered.name, offered]));
  const events = new EventQueue(log, settings.eventRetrySeconds);
  const server = createServer({ keepAliveTimeout: keepAliveMilliseconds, requestTimeout: 120_000 });
  const port = await listen(server, settings.port);
  const peers = await PeerCheck.forPort(port, log);

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      // The client broke off, or the answer could not be written: there is nobody left to tell.
      log.warn('a request ended without an answer', errorFields(error));
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await peers.refuseOthers(request.socket);
      refuseBrowsers(request.headers);
      await invoke(request, response);
    } catch (error) {
      if (request.errored !== null || (request.destroyed && !request.complete)) throw error;
      if (!(error instanceof ServiceRefusal)) log.error('the endpoint failed', errorFields(error));
      refuse(
        response,
        error instanceof ServiceRefusal ? error.answer : serviceError('ServiceException', 'internal error'),
      );
      // What is left of the body is read and thrown away, so that the client gets to read the answer.
      request.resume();
    }
  }

  async function invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const encodedName = invocationPath.exec(url.pathname)?.groups?.['name'];
    if (encodedName === undefined) {
      throw new ServiceRefusal('UnknownOperationException', 'this endpoint knows one operation: Invoke of Lambda');
    }
    if (request.method !== 'POST') {
      throw new ServiceRefusal('MethodNotAllowedException', 'the operation Invoke has the method POST', {
        headers: { Allow: 'POST' },
      });
    }
    const target = findFunction(encodedName, url.searchParams.get('Qualifier'));
    const type = headerOf(request, 'x-amz-invocation-type') ?? 'RequestResponse';
    switch (type) {
      case 'RequestResponse': {
        const outcome = await target.invoke(parseEvent(await readRequestBody(request, largestRequest)));
        const withLog = headerOf(request, 'x-amz-log-type') === 'Tail';
        send(response, 200, outcome.requestId, outcome.payload, {
          'X-Amz-Executed-Version': '$LATEST',
          ...(outcome.failed ? { 'X-Amz-Function-Error': 'Unhandled' } : {}),
          ...(withLog ? { 'X-Amz-Log-Result': outcome.logTail.toString('base64') } : {}),
        });
        return;
      }
      case 'Event': {
        const event = parseEvent(await readRequestBody(request, largestEvent));
        send(response, 202, events.add(target, event), '');
        return;
      }
      case 'DryRun':
        parseEvent(await readRequestBody(request, largestRequest));
        send(response, 204, randomUUID(), null);
        return;
      default:
        throw new ServiceRefusal(
          'ValidationException',
          'the header X-Amz-Invocation-Type must be RequestResponse, Event or DryRun',
        );
    }
  }

  function findFunction(encodedName: string, queryQualifier: string | null): LocalFunction {
    const { name, qualifier } = parseFunctionName(encodedName, queryQualifier);
    const found = functions.get(name);
    if (found !== undefined && (qualifier === null || qualifier === '$LATEST')) return found;
    const asked = `arn:aws:lambda:${settings.region}:${account}:function:${name}${qualifier === null ? '' : `:${qualifier}`}`;
    const known = [...functions.keys()].join(', ');
    throw new ServiceRefusal('ResourceNotFoundException', `Function not found: ${asked}; known functions are ${known}`);
  }

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, stopMilliseconds);
    await closed;
    clearTimeout(timer);
    await events.stop();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    addEvent: (functionName, event) => {
      events.add(findFunction(encodeURIComponent(functionName), null), event);
    },
    stop: () => (stopped ??= stop()),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      const reason = error.code === 'EACCES' ? 'may not be used by this user' : 'is in use';
      throw new PlatformError('PORT_IN_USE', `the port ${port} of 127.0.0.1 ${reason}`, { cause: error });
    }
    throw error;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new PlatformError('INTERNAL', 'the endpoint has no port');
  return address.port;
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuse(response: ServerResponse, { status, headers, body }: ServiceErrorAnswer): void {
  send(response, status, randomUUID(), JSON.stringify(body), headers);
}

function send(
  response: ServerResponse,
  status: number,
  requestId: string,
  payload: string | null,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body =
    payload === null ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
  response.writeHead(status, { 'x-amzn-RequestId': requestId, ...body, ...headers });
  response.end(payload ?? undefined);
}
