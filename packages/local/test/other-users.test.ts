import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { isRoot } from '@enterprise-backup/test-support/system-tool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LambdaEndpoint } from '../src/endpoint/lambda-endpoint.ts';
import { echo, offered, startExampleEndpoint } from './example-functions.ts';
import { invocationsOf } from './raw-request.ts';

const root = 0;
const nobody = 65534;

/** Opens a connection whose socket belongs to `user`, as if one of the user's processes had opened it. */
function connectAs(user: number, port: number, host: string): Socket {
  process.seteuid?.(user);
  const socket = connect({ port, host });
  // Node makes the system's socket at the next tick, which is over when this runs.
  setImmediate(() => process.seteuid?.(root));
  return socket;
}

// Only root can become another user, and only where the tests run in a process of their own.
describe.skipIf(process.platform !== 'linux' || !isRoot || process.seteuid === undefined)(
  'users of the machine',
  () => {
    let endpoint: LambdaEndpoint;

    beforeAll(async () => {
      endpoint = await startExampleEndpoint([offered('stack-echo', echo)]);
    });

    afterAll(() => endpoint.stop());

    const invokeAs = (user: number, host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const createConnection = (): Socket => connectAs(user, endpoint.port, host);
        const headers = { Host: 'localhost', Connection: 'close' };
        const sent = request(
          { path: invocationsOf('stack-echo'), method: 'POST', headers, createConnection },
          (response) => {
            text(response).then((body) => {
              resolve(`${response.statusCode} ${body}`);
            }, reject);
          },
        );
        sent.on('error', reject);
        sent.end('{}');
      });

    it.each(['127.0.0.1', '::ffff:127.0.0.1'])('others may not invoke functions over %s', async (host) => {
      expect(await invokeAs(nobody, host)).toMatch(/^403 .*requests of the user who started it/);
    });

    it.each(['127.0.0.1', '::ffff:127.0.0.1'])('the one who started the platform may, over %s', async (host) => {
      expect(await invokeAs(root, host)).toMatch(/^200 /);
    });
  },
);
