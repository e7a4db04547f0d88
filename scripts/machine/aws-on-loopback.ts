import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of an API that is only recorded. */
export type RecordedCall = Readonly<Record<string, string>>;

const instanceId = 'i-0123456789abcdef0';

/** In a network namespace of its own, brings loopback up and gives it the address of the metadata service; then moto. */
const NETWORK_AND_MOTO = `
import ctypes, fcntl, socket, struct, sys
ctypes.CDLL(None).prctl(1, 9)
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def address(request, name, value):
    fcntl.ioctl(control, request, struct.pack("16sH2s4s8s", name, socket.AF_INET, b"", socket.inet_aton(value), b""))
fcntl.ioctl(control, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))
address(0x8916, b"lo:1", "169.254.169.254")
address(0x891C, b"lo:1", "255.255.255.255")
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
`;

/** A server of AWS's APIs. */
export interface Moto {
  readonly endpoint: string;
  /** Leaves every request unanswered from now on. */
  halt(): void;
  goOn(): void;
}

/** Starts moto in this network namespace and waits until it listens. */
export const startMoto = async (python: string): Promise<Moto> => {
  const port = 5000;
  const server: ChildProcess = spawn(python, ['-c', NETWORK_AND_MOTO, String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  await new Promise<void>((found, failed) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Running on http')) found();
    });
    server.once('exit', () => failed(new Error(`moto did not come up:\n${output.slice(-4000)}`)));
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    halt: () => void server.kill('SIGSTOP'),
    goOn: () => void server.kill('SIGCONT'),
  };
};

const listen = async (server: Server, port: number, host: string): Promise<string> => {
  server.listen(port, host);
  await once(server, 'listening');
  return `http://${host}:${(server.address() as AddressInfo).port}`;
};

/** The metadata service, version 2 only. What is put into `announced` by its path is served as well. */
export const startMetadataService = async (announced: ReadonlyMap<string, string>): Promise<void> => {
  const token = 'a-token-of-version-2';
  const expiration = '2099-01-01T00:00:00Z';
  const credentials = {
    Code: 'Success',
    AccessKeyId: 'ASIAROLE',
    SecretAccessKey: 'role',
    Token: 'role',
    Expiration: expiration,
  };
  const facts = new Map([
    ['instance-id', instanceId],
    ['placement/region', 'us-east-1'],
    ['placement/availability-zone', 'us-east-1a'],
    ['iam/security-credentials/', 'agent-role'],
    ['iam/security-credentials/agent-role', JSON.stringify(credentials)],
  ]);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '').replace('/latest/', '');
    if (request.method === 'PUT' && path === 'api/token') {
      response.setHeader('x-aws-ec2-metadata-token-ttl-seconds', '21600').end(token);
      return;
    }
    const name = path.replace('meta-data/', '');
    const text = announced.get(name) ?? facts.get(name);
    if (request.headers['x-aws-ec2-metadata-token'] !== token) response.writeHead(401).end();
    else if (text === undefined) response.writeHead(404).end();
    else response.end(text);
  };
  await listen(createServer(answer), 80, '169.254.169.254');
};

/** An endpoint that takes calls of the query protocol (CloudFormation, Auto Scaling) and keeps them in `calls`. */
export const startRecorder = async (calls: RecordedCall[]): Promise<string> =>
  listen(
    createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const call = Object.fromEntries(new URLSearchParams(body));
        calls.push(call);
        const action = call['Action'] ?? '';
        response
          .setHeader('content-type', 'text/xml')
          .end(`<${action}Response><${action}Result/><ResponseMetadata/></${action}Response>`);
      });
    }),
    0,
    '127.0.0.1',
  );

/**
 * An endpoint that hands every request on to `endpointUrl`: that of a platform on one machine takes requests of the user
 * who started it only, and an agent of a machine is another one.
 */
export const startForwarder = async (endpointUrl: string): Promise<string> =>
  listen(
    createServer((incoming, response) => {
      const { method, headers, url = '/' } = incoming;
      const outgoing = request(
        new URL(url, endpointUrl),
        { headers, ...(method === undefined ? {} : { method }) },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      outgoing.on('error', () => response.destroy());
      incoming.pipe(outgoing);
    }),
    0,
    '127.0.0.1',
  );
