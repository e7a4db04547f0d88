import { createServer } from 'node:net';
import { once } from 'node:events';
import { InvokeCommand, LambdaClient, type InvokeCommandInput } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LambdaEndpoint } from '../src/endpoint/lambda-endpoint.ts';
import { largestResponse } from '../src/endpoint/local-function.ts';
import { largestEvent, largestRequest } from '../src/endpoint/request-body.ts';
import { addToInvocation } from '../src/invocation-output.ts';
import { collectingLog, echo, offered, refuse, startExampleEndpoint } from './example-functions.ts';
import { invocationsOf, rawRequest } from './raw-request.ts';

let endpoint: LambdaEndpoint;
let client: LambdaClient;

beforeAll(async () => {
  endpoint = await startExampleEndpoint([
    offered('stack-echo', echo),
    offered('stack-refuse', refuse),
    offered('stack-null', () => Promise.resolve(undefined)),
    offered('stack-long', (event) => Promise.resolve('x'.repeat(Number(event) - 2))),
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a handler may throw anything
    offered('stack-odd', () => Promise.reject('only a text')),
    offered('stack-loud', (_event, context) => {
      for (let line = 0; line < 200; line += 1) addToInvocation(`line ${line} of a long log: ${'ä'.repeat(20)}\n`);
      return Promise.resolve(context.awsRequestId);
    }),
  ]);
  client = clientOf(endpoint.url);
});

afterAll(async () => {
  client.destroy();
  await endpoint.stop();
});

function clientOf(url: string): LambdaClient {
  return new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

const invoke = async (input: InvokeCommandInput) => {
  const answer = await client.send(new InvokeCommand(input));
  return { ...answer, text: answer.Payload?.transformToString() ?? '' };
};

const send = (
  functionName: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): ReturnType<typeof rawRequest> => rawRequest(endpoint.url, invocationsOf(functionName) + query, { body, headers });

describe('an invocation that waits for its answer', () => {
  it('answers what the function returns', async () => {
    const answer = await invoke({ FunctionName: 'stack-echo', Payload: '{"name":"Größe"}' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(answer.text)).toEqual({ event: { name: 'Größe' }, request_id: answer.$metadata.requestId });
  });

  it('takes the empty object for a payload that is left out', async () => {
    expect(JSON.parse((await invoke({ FunctionName: 'stack-echo' })).text)).toMatchObject({ event: {} });
  });

  it('answers null where the function returns nothing', async () => {
    expect((await invoke({ FunctionName: 'stack-null' })).text).toBe('null');
  });

  it('hands on an error of the function with its type, message and trace', async () => {
    const answer = await invoke({ FunctionName: 'stack-refuse', Payload: '{}' });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    const body = JSON.parse(answer.text) as { trace: unknown };
    expect(body).toMatchObject({ errorType: 'BACKUP_NOT_FOUND', errorMessage: 'there is no backup backup-9' });
    expect(body.trace).toBeInstanceOf(Array);
    expect(JSON.parse((await invoke({ FunctionName: 'stack-odd' })).text)).toEqual({
      errorType: 'string',
      errorMessage: 'only a text',
      trace: [],
    });
  });

  it('answers with the last 4 KB of the log when it is asked to', async () => {
    const short = await invoke({ FunctionName: 'stack-echo', LogType: 'Tail' });
    const log = Buffer.from(short.LogResult ?? '', 'base64').toString();
    const id = short.$metadata.requestId ?? 'missing';
    expect(log).toContain(`START RequestId: ${id} Version: $LATEST\necho in ${id}\nEND RequestId: ${id}\nREPORT`);
    const long = Buffer.from((await invoke({ FunctionName: 'stack-loud', LogType: 'Tail' })).LogResult ?? '', 'base64');
    expect(long.length).toBe(4096);
    expect(long.toString()).toContain('line 199 of');
    expect((await invoke({ FunctionName: 'stack-loud' })).LogResult).toBeUndefined();
  });

  it('answers up to the largest size and fails beyond it', async () => {
    const largest = await invoke({ FunctionName: 'stack-long', Payload: String(largestResponse) });
    expect(largest.FunctionError).toBeUndefined();
    expect(largest.text.length).toBe(largestResponse);
    const larger = await invoke({ FunctionName: 'stack-long', Payload: String(largestResponse + 1) });
    expect(larger.FunctionError).toBe('Unhandled');
    expect(JSON.parse(larger.text)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('takes up to the largest request and refuses one byte more', async () => {
    const payload = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));
    const largest = await send('stack-null', payload(largestRequest));
    expect(largest.status).toBe(200);
    const larger = await send('stack-null', payload(largestRequest + 1));
    expect(larger).toMatchObject({ status: 413, headers: { 'x-amzn-errortype': 'RequestTooLargeException' } });
    expect(JSON.parse(larger.body)).toMatchObject({ Type: 'User' });
    const sixMegabytes = invoke({ FunctionName: 'stack-null', Payload: payload(6 * 1024 * 1024 + 1) });
    await expect(sixMegabytes).rejects.toMatchObject({ name: 'RequestTooLargeException' });
  });
});

describe('other types of invocation', () => {
  it('DryRun checks and runs nothing', async () => {
    const answer = await invoke({ FunctionName: 'stack-refuse', InvocationType: 'DryRun' });
    expect(answer.StatusCode).toBe(204);
    await expect(invoke({ FunctionName: 'no-such', InvocationType: 'DryRun' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('Event is answered before it runs, and run until it succeeds, under one id', async () => {
    const runs: { readonly event: unknown; readonly id: string }[] = [];
    const finished = Promise.withResolvers<undefined>();
    const other = await startExampleEndpoint(
      [
        offered('stack-flaky', (event, context) => {
          runs.push({ event, id: context.awsRequestId });
          if (runs.length < 3) return refuse(event, context);
          finished.resolve(undefined);
          return Promise.resolve(null);
        }),
      ],
      { eventRetrySeconds: [0, 0] },
    );
    const answer = await rawRequest(other.url, invocationsOf('stack-flaky'), {
      body: '{"n":1}',
      headers: { 'X-Amz-Invocation-Type': 'Event' },
    });
    expect(answer).toMatchObject({ status: 202, body: '' });
    await finished.promise;
    await other.stop();
    const id = String(answer.headers['x-amzn-requestid']);
    expect(runs).toEqual(Array.from({ length: 3 }, () => ({ event: { n: 1 }, id })));
  });

  it('Event is dropped after its third run, with a line in the log', async () => {
    let runs = 0;
    const { log, lines } = collectingLog();
    const other = await startExampleEndpoint(
      [
        offered('stack-refuse', (event, context) => {
          runs += 1;
          return refuse(event, context);
        }),
      ],
      { eventRetrySeconds: [0, 0], log },
    );
    other.addEvent('stack-refuse', {});
    await expect.poll(() => lines.filter((line) => line.includes('dropped')).length).toBe(1);
    await other.stop();
    expect(runs).toBe(3);
    expect(lines.at(-1)).toContain('BACKUP_NOT_FOUND');
  });

  it('Event has a smaller largest size', async () => {
    const headers = { 'X-Amz-Invocation-Type': 'Event' };
    expect((await send('stack-null', JSON.stringify('x'.repeat(largestEvent - 2)), headers)).status).toBe(202);
    expect((await send('stack-null', JSON.stringify('x'.repeat(largestEvent - 1)), headers)).status).toBe(413);
  });

  it('refuses a type it does not know', async () => {
    const answer = await send('stack-echo', '{}', { 'X-Amz-Invocation-Type': 'Later' });
    expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } });
  });
});

describe('the name of a function', () => {
  it.each([
    'stack-echo',
    'stack-echo:$LATEST',
    'stack-echo%3A%24LATEST',
    '123456789012:function:stack-echo',
    'arn:aws:lambda:eu-central-1:123456789012:function:stack-echo',
    'arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Astack-echo%3A%24LATEST',
    'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:stack-echo',
  ])('may be %s', async (name) => {
    expect((await send(name, '{}')).status).toBe(200);
  });

  it('may have its qualifier in the query', async () => {
    expect((await send('stack-echo', '{}', {}, '?Qualifier=$LATEST')).status).toBe(200);
    expect((await send('stack-echo:$LATEST', '{}', {}, '?Qualifier=$LATEST')).status).toBe(200);
    const contradiction = await send('stack-echo:$LATEST', '{}', {}, '?Qualifier=prod');
    expect(contradiction).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'InvalidParameterValueException' },
    });
  });

  it.each(['no-such', 'stack-echo:prod', 'stack-echo:7'])('%s is not found', async (name) => {
    const answer = await send(name, '{}');
    expect(answer).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' } });
    const body = JSON.parse(answer.body) as { Message: string };
    expect(body.Message).toContain(`function:${name}`);
    expect(body.Message).toContain('stack-echo, stack-refuse');
    await expect(invoke({ FunctionName: name })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: body.Message,
    });
  });

  it.each(['a%20b', '%zz', 'arn:aws:s3:::bucket', 'x'.repeat(171), '%00'])('%s is malformed', async (name) => {
    const answer = await send(name, '{}');
    expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } });
  });
});

describe('requests that are refused', () => {
  it.each(['{', ' ', '\u{feff}{}', '{"a":1}{', 'null null', Buffer.from([0x22, 0xff, 0x22])])(
    'a payload that is not JSON: %j',
    async (body) => {
      const answer = await send('stack-echo', body);
      expect(answer).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'InvalidRequestContentException' } });
    },
  );

  it('say nothing of the payload', async () => {
    const answer = await send('stack-echo', '{"password": geheim}');
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain('geheim');
  });

  it('other paths and methods', async () => {
    const listing = await rawRequest(endpoint.url, '/2015-03-31/functions/', { method: 'GET' });
    expect(listing).toMatchObject({ status: 404, headers: { 'x-amzn-errortype': 'UnknownOperationException' } });
    const wrongMethod = await rawRequest(endpoint.url, invocationsOf('stack-echo'), { method: 'GET' });
    expect(wrongMethod).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  it('what a web page could send', async () => {
    const rebinding = await send('stack-echo', '{}', { Host: 'attacker.example:9401' });
    expect(rebinding).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } });
    const page = await send('stack-echo', '{}', { Origin: 'http://localhost:3000' });
    expect(page.status).toBe(403);
    const form = await send('stack-echo', '{}', { 'Content-Type': 'text/plain' });
    expect(form).toMatchObject({ status: 415, headers: { 'x-amzn-errortype': 'UnsupportedMediaTypeException' } });
  });

  it.each(['127.0.0.1:9401', 'localhost', 'LOCALHOST:80', '[::1]:9401', '127.1.2.3'])(
    'but not the name %s of this machine',
    async (host) => {
      expect((await send('stack-echo', '{}', { Host: host })).status).toBe(200);
    },
  );
});

describe('a function that runs as often as it may', () => {
  it('lets some wait and refuses the rest', async () => {
    const gate = Promise.withResolvers<null>();
    let running = 0;
    const other = await startExampleEndpoint([
      offered(
        'stack-slow',
        () => {
          running += 1;
          return gate.promise;
        },
        { concurrency: { running: 1, waiting: 1 } },
      ),
    ]);
    const path = invocationsOf('stack-slow');
    const first = rawRequest(other.url, path, { body: '{}' });
    await expect.poll(() => running).toBe(1);
    const others = [rawRequest(other.url, path, { body: '{}' }), rawRequest(other.url, path, { body: '{}' })];
    const refused = await Promise.race(others);
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException', 'retry-after': '1' },
    });
    expect(JSON.parse(refused.body)).toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' });
    gate.resolve(null);
    expect((await first).status).toBe(200);
    expect((await Promise.all(others)).map(({ status }) => status).sort()).toEqual([200, 429]);
    expect(running).toBe(2);
    await other.stop();
  });
});

describe('the port', () => {
  it('is refused when something else listens there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startExampleEndpoint([], { port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    server.close();
  });

  it('is free again after the stop, which waits for running functions', async () => {
    const gate = Promise.withResolvers<string>();
    const started = Promise.withResolvers<undefined>();
    const other = await startExampleEndpoint([
      offered('stack-slow', () => {
        started.resolve(undefined);
        return gate.promise;
      }),
    ]);
    const running = rawRequest(other.url, invocationsOf('stack-slow'), { body: '{}' });
    await started.promise;
    const stopped = other.stop();
    await expect(rawRequest(other.url, invocationsOf('stack-slow'), { body: '{}' })).rejects.toThrow('ECONNREFUSED');
    gate.resolve('done');
    expect(await running).toMatchObject({ status: 200, body: '"done"' });
    await stopped;
    await (await startExampleEndpoint([], { port: other.port })).stop();
  });
});
