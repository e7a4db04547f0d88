import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { instanceMetadata } from './instance-metadata.ts';

let endpoint: string;
let requests: string[];
/** The token that the service takes now. */
let token: string;
let tokens: number;
let now: number;

/** Answers as the service of an instance does that takes version 2 only. */
const server = createServer((request, response) => {
  requests.push(`${String(request.method)} ${String(request.url)}`);
  if (request.method === 'PUT' && request.url === '/latest/api/token') {
    tokens += 1;
    token = `token-${tokens}`;
    response.end(request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === '21600' ? token : '');
  } else if (request.headers['x-aws-ec2-metadata-token'] !== token) response.writeHead(401).end();
  else if (request.url === '/latest/meta-data/instance-id') response.end('i-1');
  else if (request.url === '/latest/meta-data/broken') response.writeHead(500).end();
  else response.writeHead(404).end();
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  requests = [];
  tokens = 0;
  now = 0;
});

const metadata = () => instanceMetadata({ endpoint, monotonic: () => now });

it('asks with a token, which it keeps for half of its life', async () => {
  const { read } = metadata();
  expect(await read('instance-id')).toBe('i-1');
  expect(await read('spot/instance-action')).toBeNull();
  expect(tokens).toBe(1);
  now = 21_600 * 500;
  expect(await read('instance-id')).toBe('i-1');
  expect(tokens).toBe(2);
  expect(requests[0]).toBe('PUT /latest/api/token');
});

it('takes a new token when the one it has is refused', async () => {
  const { read } = metadata();
  await read('instance-id');
  token = 'of another session';
  expect(await read('instance-id')).toBe('i-1');
  expect(tokens).toBe(2);
});

it('tells a service that fails from one that has nothing', async () => {
  await expect(metadata().read('broken')).rejects.toMatchObject({ code: 'METADATA_UNAVAILABLE' });
  const { read } = instanceMetadata({ endpoint: 'http://127.0.0.1:1', monotonic: () => 0 });
  await expect(read('instance-id')).rejects.toThrow('does not answer');
});
