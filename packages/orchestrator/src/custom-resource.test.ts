import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { FunctionHandler } from '@enterprise-backup/contracts/invocation';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { answerCustomResource } from './custom-resource.ts';

interface Answer {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

const answers: Answer[] = [];
let refusals = 0;
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (part: string) => (text += part));
  request.on('end', () => {
    if (refusals > 0) {
      refusals -= 1;
      response.writeHead(503).end();
      return;
    }
    answers.push({ method: request.method, contentType: request.headers['content-type'], body: JSON.parse(text) });
    response.end();
  });
});
let origin = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  answers.length = 0;
  refusals = 0;
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const context = { awsRequestId: 'request-1' };
const request = (RequestType: string, ResponseURL = `${origin}/answer?stack=1`) => ({
  RequestType,
  ResponseURL,
  StackId: 'stack-1',
  RequestId: 'request-2',
  LogicalResourceId: 'CatalogSchema',
  ResourceType: 'AWS::CloudFormation::CustomResource',
});
const send = (event: unknown, handle: FunctionHandler): Promise<unknown> =>
  answerCustomResource(handle, { log: silent, endpointUrl: origin })(event, context);
const refuse: FunctionHandler = async () => {
  throw new PlatformError('CATALOG_UNAVAILABLE', 'the catalog does not answer');
};

it.each(['Create', 'Update'])('migrates at %s and answers with the version', async (type) => {
  const events: unknown[] = [];
  await send(request(type), async (event) => {
    events.push(event);
    return { version: '0007' };
  });
  expect(events).toEqual([{ action: 'migrate' }]);
  expect(answers).toEqual([
    {
      method: 'PUT',
      contentType: undefined,
      body: {
        Status: 'SUCCESS',
        Data: { version: '0007' },
        PhysicalResourceId: 'catalog-schema',
        StackId: 'stack-1',
        RequestId: 'request-2',
        LogicalResourceId: 'CatalogSchema',
      },
    },
  ]);
});

it('answers at Delete without asking the catalog', async () => {
  await send(request('Delete'), refuse);
  expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS' });
});

it('tells of a failure what to do', async () => {
  await send(request('Create'), refuse);
  expect(answers[0]?.body).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^CATALOG_UNAVAILABLE: .*Check that the database is up/) as string,
  });
});

it('answers again when the first answer is not taken', async () => {
  refusals = 2;
  await send(request('Delete'), refuse);
  expect(answers).toHaveLength(1);
  refusals = 3;
  await expect(send(request('Delete'), refuse)).rejects.toMatchObject({ code: 'FUNCTION_UNAVAILABLE' });
});

it.each(['http://169.254.169.254/latest', 'https://example.com/', 'https://a.s3.amazonaws.com.example.com/'])(
  'sends nothing to %s',
  async (address) => {
    await expect(send(request('Delete', address), refuse)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

it('hands other events on', async () => {
  const event = { action: 'status' };
  expect(await send(event, async (handed) => handed)).toBe(event);
  expect(answers).toEqual([]);
});
