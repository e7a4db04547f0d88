import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { checkoutFolder } from '../platform/checkout.ts';

/**
 * Builds what ships into `dist/` of the checkout, as `npm run bundle` does, and returns that folder. Throws BUILD_FAILED
 * with the end of what the build wrote.
 */
export async function buildArtifacts(signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, [join(checkoutFolder, 'scripts/bundle.ts')], {
    cwd: checkoutFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  }
  const [status] = (await once(child, 'close').catch((error: unknown) => {
    if (signal.aborted) throw new PlatformError('CANCELLED', 'the build was broken off', { cause: error });
    throw new PlatformError('BUILD_FAILED', 'the build cannot be started', { cause: error });
  })) as [number | null];
  if (status === 0) return join(checkoutFolder, 'dist');
  const lines = written.trimEnd().split('\n').slice(-12).join('\n');
  throw new PlatformError('BUILD_FAILED', `the build ended with ${status ?? 'a signal'}:\n${lines}`);
}
