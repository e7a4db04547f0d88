import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '@enterprise-backup/test-support/free-port';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from './open-storage.ts';
import type { Storage } from './storage.ts';

/** One request that the server expects, and what it does with it. Requests come in this order and no other. */
interface Exchange {
  readonly expects: string;
  readonly answer: (response: ServerResponse, body: Buffer, request: IncomingMessage) => void;
}

const DATA = Buffer.from('content of the file');
const NAME = createHash('sha256').update(DATA).digest('hex');
const PATH = `/bucket/prefix/keys/${NAME}`;

let server: Server;
let storage: Storage;
let exchanges: Exchange[];
let unexpected: string[];

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI');
  exchanges = [];
  unexpected = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')}`;
      const exchange = exchanges.shift();
      if (exchange?.expects !== line) unexpected.push(line);
      if (exchange === undefined) response.writeHead(400).end();
      else exchange.answer(response, Buffer.concat(chunks), request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  storage = openStorage({ location: `s3:http://127.0.0.1:${port}/bucket/prefix`, s3: { attempts: 3 } });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(unexpected).toEqual([]);
  expect(exchanges, 'requests that were expected and did not come').toEqual([]);
});

const refuse =
  (status: number, code: string): Exchange['answer'] =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(`<Error><Code>${code}</Code><Message>about AKIDEXAMPLE</Message></Error>`);
  };
const status =
  (code: number): Exchange['answer'] =>
  (response) => {
    response.writeHead(code).end();
  };
const stored: Exchange['answer'] = (response) => {
  response.writeHead(200, { etag: '"0123"' }).end();
};
const send =
  (data: Buffer, code = 200): Exchange['answer'] =>
  (response) => {
    response.writeHead(code, { 'content-length': data.length, etag: '"0123"' }).end(data);
  };
const hangUp: Exchange['answer'] = (response) => response.destroy();
const breakOff: Exchange['answer'] = (response) => {
  response.writeHead(200, { 'content-length': DATA.length });
  response.write(DATA.subarray(0, 5), () => response.destroy());
};

describe('requests', () => {
  it('signs for the body, names its checksum and its length', async () => {
    const check: Exchange['answer'] = (response, body, request) => {
      expect(body).toEqual(DATA);
      expect(request.headers['x-amz-content-sha256']).toBe(NAME);
      expect(request.headers['x-amz-checksum-sha256']).toBe(Buffer.from(NAME, 'hex').toString('base64'));
      expect(request.headers['content-length']).toBe(String(DATA.length));
      expect(request.headers['content-type']).toBe('application/octet-stream');
      expect(request.headers['if-none-match']).toBeUndefined();
      expect(request.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/.*\/s3\/aws4_request/);
      stored(response, body, request);
    };
    exchanges = [{ expects: `PUT ${PATH}`, answer: check }];
    await storage.put('keys', NAME, DATA);
  });

  it('takes the hash for the signature from the name, and does not compute it again', async () => {
    const otherName = 'ab'.repeat(32);
    const check: Exchange['answer'] = (response, body, request) => {
      expect(body).toEqual(DATA);
      expect(request.headers['x-amz-content-sha256']).toBe(otherName);
      expect(request.headers.authorization).toContain('x-amz-content-sha256');
      stored(response, body, request);
    };
    exchanges = [{ expects: `PUT /bucket/prefix/keys/${otherName}`, answer: check }];
    await storage.put('keys', otherName, DATA);
  });

  it('asks for the bytes of the range alone', async () => {
    const check: Exchange['answer'] = (response, _body, request) => {
      expect(request.headers.range).toBe('bytes=3-7');
      send(DATA.subarray(3, 8), 206)(response, _body, request);
    };
    exchanges = [{ expects: `GET ${PATH}`, answer: check }];
    expect(await storage.get('keys', NAME, { offset: 3, length: 5 })).toEqual(DATA.subarray(3, 8));
  });

  it('creates under the condition that nothing is there', async () => {
    const check: Exchange['answer'] = (response, body, request) => {
      expect(request.headers['if-none-match']).toBe('*');
      stored(response, body, request);
    };
    exchanges = [
      { expects: 'HEAD /bucket/prefix/config', answer: status(404) },
      { expects: 'PUT /bucket/prefix/config', answer: check },
    ];
    await storage.create('config', 'config', DATA);
  });
});

describe('goes on after a passing fault', () => {
  it.each([
    ['a 503', refuse(503, 'SlowDown')],
    ['a 500', status(500)],
    ['a connection that ends', hangUp],
  ])('%s', async (_what, fault) => {
    exchanges = [
      { expects: `PUT ${PATH}`, answer: fault },
      { expects: `PUT ${PATH}`, answer: stored },
      { expects: `GET ${PATH}`, answer: fault },
      { expects: `GET ${PATH}`, answer: send(DATA) },
    ];
    await storage.put('keys', NAME, DATA);
    expect(await storage.get('keys', NAME)).toEqual(DATA);
  });

  it.each([
    ['passes', refuse(400, 'RequestTimeout')],
    ['has passed', send(DATA.subarray(0, 1), 206)],
    ['has passed, there is no such file', status(404)],
    ['has passed, the file lies in an archive', refuse(403, 'InvalidObjectState')],
  ])('a refusal to look, of which a read says that it %s', async (_what, said) => {
    exchanges = [
      { expects: `HEAD ${PATH}`, answer: status(400) },
      { expects: `GET ${PATH}`, answer: said },
      { expects: `HEAD ${PATH}`, answer: status(400) },
      { expects: `GET ${PATH}`, answer: said },
      { expects: `HEAD ${PATH}`, answer: send(DATA) },
    ];
    expect(await storage.stat('keys', NAME)).toEqual({ name: NAME, size: DATA.length });
  });

  it('an answer that breaks off', async () => {
    exchanges = [
      { expects: `GET ${PATH}`, answer: breakOff },
      { expects: `GET ${PATH}`, answer: breakOff },
      { expects: `GET ${PATH}`, answer: send(DATA) },
    ];
    expect(await storage.get('keys', NAME)).toEqual(DATA);
  });

  it('a lost answer to a create that was carried out', async () => {
    exchanges = [
      { expects: 'HEAD /bucket/prefix/config', answer: status(404) },
      { expects: 'PUT /bucket/prefix/config', answer: hangUp },
      { expects: 'PUT /bucket/prefix/config', answer: refuse(412, 'PreconditionFailed') },
      { expects: 'GET /bucket/prefix/config', answer: send(DATA) },
    ];
    await storage.create('config', 'config', DATA);
  });

  it('a service that does not know conditions', async () => {
    exchanges = [
      { expects: 'HEAD /bucket/prefix/config', answer: status(404) },
      { expects: 'PUT /bucket/prefix/config', answer: refuse(501, 'NotImplemented') },
      { expects: 'PUT /bucket/prefix/config', answer: stored },
    ];
    await storage.create('config', 'config', DATA);
  });
});

describe('reports', () => {
  it.each([
    ['STORAGE_FILE_MISSING', refuse(404, 'NoSuchKey')],
    ['STORAGE_LOCATION_INVALID', refuse(404, 'NoSuchBucket')],
    ['STORAGE_LOCATION_INVALID', refuse(301, 'PermanentRedirect')],
    ['STORAGE_LOCATION_INVALID', refuse(400, 'AuthorizationHeaderMalformed')],
    ['STORAGE_ACCESS_DENIED', refuse(403, 'AccessDenied')],
    ['STORAGE_ACCESS_DENIED', refuse(403, 'SignatureDoesNotMatch')],
    ['STORAGE_FULL', refuse(507, 'XMinioStorageFull')],
    ['STORAGE_UNAVAILABLE', refuse(405, 'MethodNotAllowed')],
  ])('%s', async (code, answer) => {
    exchanges = [{ expects: `GET ${PATH}`, answer }];
    const failure = await storage.get('keys', NAME).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(`reading keys/${NAME}`) as string });
    expect(String(failure)).not.toContain('AKIDEXAMPLE');
  });

  it.each([
    ['STORAGE_ACCESS_DENIED', refuse(403, 'AccessDenied')],
    ['STORAGE_LOCATION_INVALID', refuse(400, 'AuthorizationHeaderMalformed')],
    ['STORAGE_LOCATION_INVALID', refuse(404, 'NoSuchBucket')],
    ['STORAGE_UNAVAILABLE', status(400)],
  ])('the reason of a refusal to look: %s', async (code, answer) => {
    exchanges = [
      { expects: `HEAD ${PATH}`, answer: status(400) },
      { expects: `GET ${PATH}`, answer },
    ];
    await expect(storage.stat('keys', NAME)).rejects.toMatchObject({ code });
  });

  it.each([
    [403, 'STORAGE_ACCESS_DENIED', 1],
    [400, 'STORAGE_UNAVAILABLE', 3],
  ])('a look that is refused with %i each time, where a read is not: %s', async (refused, code, times) => {
    exchanges = Array.from({ length: times }, () => [
      { expects: `HEAD ${PATH}`, answer: status(refused) },
      { expects: `GET ${PATH}`, answer: send(DATA.subarray(0, 1), 206) },
    ]).flat();
    await expect(storage.stat('keys', NAME)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(String(refused === 400 ? refused : 'refuses access')) as string,
    });
  });

  it.each(['ExpiredToken', 'InvalidAccessKeyId'])(
    'credentials that are refused again after they were read anew: %s',
    async (name) => {
      exchanges = [1, 2].map(() => ({ expects: `GET ${PATH}`, answer: refuse(400, name) }));
      await expect(storage.get('keys', NAME)).rejects.toMatchObject({ code: 'STORAGE_ACCESS_DENIED' });
    },
  );

  it.each([
    [403, 'AccessDenied', 'Access Denied because object protected by object lock.'],
    [400, 'InvalidRequest', 'Object is WORM protected and cannot be overwritten'],
    [400, 'ObjectLocked', 'no'],
    [451, 'UnavailableForLegalReasons', 'no'],
  ])('that a retention protects what is to be removed: %i %s', async (code, name, message) => {
    const body = `<Error><Code>${name}</Code><Message>${message}</Message></Error>`;
    const answer: Exchange['answer'] = (response) => {
      response.writeHead(code, { 'content-type': 'application/xml' }).end(body);
    };
    exchanges = [{ expects: `DELETE ${PATH}`, answer }];
    await expect(storage.delete('keys', NAME)).rejects.toMatchObject({ code: 'STORAGE_OBJECT_LOCKED' });
  });

  it('the repository that someone else created meanwhile', async () => {
    exchanges = [
      { expects: 'HEAD /bucket/prefix/config', answer: status(404) },
      { expects: 'PUT /bucket/prefix/config', answer: refuse(412, 'PreconditionFailed') },
      { expects: 'GET /bucket/prefix/config', answer: send(Buffer.from('of another')) },
    ];
    await expect(storage.create('config', 'config', DATA)).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
  });

  it('an answer that breaks off each time', async () => {
    exchanges = [1, 2, 3].map(() => ({ expects: `GET ${PATH}`, answer: breakOff }));
    await expect(storage.get('keys', NAME)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('a service that sends more than was asked for', async () => {
    exchanges = [1, 2, 3].map(() => ({ expects: `GET ${PATH}`, answer: send(DATA) }));
    await expect(storage.get('keys', NAME, { offset: 0, length: 4 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });

  it('a listing that may not be seen', async () => {
    exchanges = [{ expects: 'GET /bucket/', answer: refuse(403, 'AccessDenied') }];
    await expect(storage.list('keys')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'STORAGE_ACCESS_DENIED',
    });
  });

  it('a service that stays away, after several attempts', async () => {
    exchanges = [1, 2, 3].map(() => ({ expects: `PUT ${PATH}`, answer: status(500) }));
    await expect(storage.put('keys', NAME, DATA)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('500') as string,
    });
  });

  it('a port on which nothing listens', async () => {
    const location = `s3:http://127.0.0.1:${await freePort()}/bucket/prefix`;
    const absent = openStorage({ location, s3: { attempts: 3 } });
    await expect(absent.get('keys', NAME)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('that there are no credentials', async () => {
    vi.unstubAllEnvs();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
      vi.stubEnv(name, undefined);
    }
    for (const name of ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    await expect(storage.get('keys', NAME)).rejects.toMatchObject({
      code: 'STORAGE_ACCESS_DENIED',
      message: expect.stringContaining('no AWS credentials') as string,
    });
  });
});
