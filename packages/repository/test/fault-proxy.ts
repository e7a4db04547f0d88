import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the proxy does to a request instead of passing it on and its answer back. */
export type FaultAction =
  /** Answers with an error of the service, which never sees the request. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  /** Resets the connection before the service sees the request. */
  | { readonly kind: 'reset' }
  /** Lets the service carry the request out, and resets the connection instead of answering. */
  | { readonly kind: 'lose answer' }
  /** Announces the whole body and resets the connection after half of it. */
  | { readonly kind: 'half body' }
  /** Announces and sends half of the body, as if that were all. */
  | { readonly kind: 'short body' }
  /** Sends the body and something more. */
  | { readonly kind: 'long body' }
  /** Answers nothing and keeps the connection. */
  | { readonly kind: 'silence' }
  /** Sends half of the body and keeps the connection. */
  | { readonly kind: 'stall' }
  /** Answers what it answered to the same request the time before. */
  | { readonly kind: 'stale' }
  /** Answers with success and nothing else, and the service never sees the request. */
  | { readonly kind: 'nothing' };

/** A scripted fault: hits the first requests that match, each as often as `times` says. */
export interface Fault {
  readonly method: string;
  /** Compared with the path and the query. */
  readonly path: RegExp;
  readonly action: FaultAction;
  readonly times?: number;
  /** Called with each request that is hit. */
  readonly onHit?: (request: IncomingMessage) => void;
}

/** A proxy in front of a service over HTTP. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Lines such as `GET /bucket?list-type=2`, of every request, in the order in which they came. */
  readonly requests: string[];
  /** Called with each request before it is passed on. */
  onRequest: ((request: IncomingMessage) => void) | null;
  /** Adds faults to the script. */
  script(...faults: readonly Fault[]): void;
  /** Takes a fault for each request from a function; null passes it on. */
  choose: ((line: string) => FaultAction | null) | null;
  /** Throws when a scripted fault did not happen, then clears the script. To be called at the end of each test. */
  assertAllHappened(): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Starts a proxy on a free port of 127.0.0.1 in front of `endpoint`, for example a moto server. */
export async function startFaultProxy(endpoint: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const previous = new Map<string, Answer>();
  let script: { fault: Fault; left: number }[] = [];
  const requests: string[] = [];

  const pass = (request: IncomingMessage, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, url = '/', headers } = request;
      const onward = httpRequest(new URL(url, endpoint), { method: method ?? 'GET', headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      onward.on('error', reject);
      onward.end(body);
    });

  const choose = (line: string, request: IncomingMessage): FaultAction | null => {
    const entry = script.find(
      ({ fault, left }) => left > 0 && request.method === fault.method && fault.path.test(request.url ?? ''),
    );
    if (entry === undefined) return proxy.choose?.(line) ?? null;
    entry.left -= 1;
    entry.fault.onHit?.(request);
    return entry.fault.action;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const line = `${request.method ?? ''} ${request.url ?? ''}`;
    requests.push(line);
    proxy.onRequest?.(request);
    const action = choose(line, request);
    if (action?.kind === 'silence') return;
    if (action?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (action?.kind === 'nothing') {
      response.writeHead(200, { 'content-length': '0' }).end();
      return;
    }
    if (action?.kind === 'refuse') {
      const text = `<?xml version="1.0"?><Error><Code>${action.code}</Code><Message>scripted</Message></Error>`;
      const body = request.method === 'HEAD' ? '' : text;
      response.writeHead(action.status, { 'content-type': 'application/xml' }).end(body);
      return;
    }
    const earlier = previous.get(line);
    const answer =
      action?.kind === 'stale' && earlier !== undefined ? earlier : await pass(request, Buffer.concat(chunks));
    previous.set(line, answer);
    send(action, answer, request, response);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => {
      request.socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    onRequest: null,
    choose: null,
    script: (...faults) => {
      script.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
    },
    assertAllHappened: () => {
      const unused = script.filter(({ left }) => left > 0);
      script = [];
      requests.length = 0;
      proxy.choose = null;
      proxy.onRequest = null;
      if (unused.length === 0) return;
      const names = unused.map(
        ({ fault, left }) => `${fault.method} ${String(fault.path)} ${fault.action.kind} (${left})`,
      );
      throw new Error(`faults that did not happen: ${names.join(', ')}`);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
      await once(server, 'close');
    },
  };
  return proxy;
}

function send(action: FaultAction | null, answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  const { status, body } = answer;
  const headers = { ...answer.headers };
  delete headers['transfer-encoding'];
  delete headers.connection;
  const announced = request.method === 'HEAD' ? headers['content-length'] : String(body.length);
  const half = body.subarray(0, Math.floor(body.length / 2));
  const length = (value: number | string | undefined) =>
    value === undefined ? {} : { 'content-length': String(value) };
  switch (action?.kind) {
    case 'lose answer':
      request.socket.resetAndDestroy();
      return;
    case 'half body':
      response.writeHead(status, { ...headers, ...length(announced) });
      response.write(half, () => request.socket.resetAndDestroy());
      return;
    case 'stall':
      response.writeHead(status, { ...headers, ...length(announced) });
      response.write(half);
      return;
    case 'short body':
      response.writeHead(status, { ...headers, ...length(half.length) }).end(half);
      return;
    case 'long body': {
      const longer = Buffer.concat([body, Buffer.from('and more')]);
      response.writeHead(status, { ...headers, ...length(longer.length) }).end(longer);
      return;
    }
    default:
      response
        .writeHead(status, { ...headers, ...length(announced) })
        .end(request.method === 'HEAD' ? undefined : body);
  }
}
