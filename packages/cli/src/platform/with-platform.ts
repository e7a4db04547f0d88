import type { CommandContext } from '../command-context.ts';
import type { ConnectionOptions } from '../commands/connection-options.ts';
import { choosePlatform } from './choose-platform.ts';
import type { PlatformClient } from './platform-client.ts';

/**
 * Connects to the platform that the options mean, for the time of `work`. Ctrl-C gives up the question that is under way,
 * with CANCELLED.
 */
export async function withPlatform<Result>(
  context: CommandContext,
  options: ConnectionOptions,
  work: (platform: PlatformClient) => Promise<Result>,
): Promise<Result> {
  // Loaded here, since help and wrong usage need none of it.
  const { connectPlatform } = await import('@enterprise-backup/local/platform-client');
  const { signal } = context;
  const connection = connectPlatform(choosePlatform(options));
  try {
    return await work({
      orchestrator: (action, request) => connection.orchestrator(action, request, { signal }),
      recovery: (action, request) => connection.recovery(action, request, { signal }),
    });
  } finally {
    connection.close();
  }
}
