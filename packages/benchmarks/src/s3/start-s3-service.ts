import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { findProgram } from '../engines/find-program.ts';
import type { RepositoryService } from '../workloads/benchmark.ts';

const bucket = 'bench';
const accessKey = 'benchmark';
const secretKey = 'benchmark-secret';
const addedMilliseconds = 20;
const attempts = 100;

/**
 * Starts versitygw, an S3 gateway in Go that keeps objects as files below `folder`, behind a proxy that adds 20 ms to each
 * request. Returns null when there is no versitygw in the folders of `path`. Throws BENCHMARK_FAILED when it does not come up.
 */
export async function startS3Service(
  folder: string,
  path: string,
): Promise<(RepositoryService & { stop(): Promise<void> }) | null> {
  const program = findProgram('versitygw', path);
  if (program === undefined) return null;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, bucket), { recursive: true });
  const port = await freePort();
  const args = [
    '--access',
    accessKey,
    '--secret',
    secretKey,
    '--port',
    `127.0.0.1:${port}`,
    '--quiet',
    'posix',
    folder,
  ];
  const gateway = spawn(program, args, { stdio: 'ignore', env: { PATH: path } });
  await whenListening(port, gateway);
  const proxyArgs = [join(import.meta.dirname, 'latency-proxy.ts'), String(port), String(addedMilliseconds)];
  const proxy = spawn(process.execPath, proxyArgs, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: path } });
  const [printed] = (await once(proxy.stdout, 'data')) as [Buffer];
  const endpoint = `http://127.0.0.1:${printed.toString('utf8').trim()}`;
  return {
    place: (prefix) => ({
      s3: { endpoint, bucket, prefix, accessKey, secretKey },
      folder: join(folder, bucket, prefix),
    }),
    stop: async () => {
      await Promise.all([gateway, proxy].map(end));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new PlatformError('BENCHMARK_FAILED', 'there is no free port');
  return address.port;
}

async function whenListening(port: number, gateway: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < attempts && gateway.exitCode === null; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await wait(100);
  }
  throw new PlatformError('BENCHMARK_FAILED', 'versitygw does not listen');
}
