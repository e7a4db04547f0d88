import { actionCaller, type ActionCaller } from '@enterprise-backup/agent/action-caller';
import { createInvokeClient, isLoopback, type InvokeClient } from '@enterprise-backup/agent/invoke-client';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { defaultStackName, functionNames } from '@enterprise-backup/contracts/names';
import { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import { recoveryActions } from '@enterprise-backup/contracts/recovery';
import { dataFolderAt } from './data-folder.ts';
import { readEndpointFile } from './endpoint-file.ts';

/**
 * Which platform is meant: the one at an address, the one that uses a data folder on this machine, or, with neither, the
 * one in AWS. What is left out is taken from the data folder, or is the default.
 */
export interface PlatformChoice {
  readonly endpointUrl?: string;
  /** Path of a data folder. Not looked at when `endpointUrl` is given. */
  readonly dataFolder?: string;
  readonly stackName?: string;
  readonly region?: string;
}

/** The two functions of a platform, wherever it runs. */
export interface PlatformConnection {
  /** Address of the Invoke API, or null for the one of AWS. */
  readonly endpointUrl: string | null;
  readonly stackName: string;
  readonly region: string;
  readonly orchestrator: ActionCaller<typeof orchestratorActions>;
  readonly recovery: ActionCaller<typeof recoveryActions>;
  close(): void;
}

const defaultRegion = 'us-east-1';

/**
 * Finds a platform; nothing is sent yet. Throws PLATFORM_NOT_RUNNING when no platform runs on the data folder. The calls
 * of the connection throw what the functions raise, PLATFORM_NOT_RUNNING when nothing answers on this machine, and what
 * `InvokeClient.invoke` throws.
 */
export function connectPlatform(choice: PlatformChoice): PlatformConnection {
  const found =
    choice.endpointUrl === undefined && choice.dataFolder !== undefined
      ? runningPlatform(choice.dataFolder)
      : undefined;
  const endpointUrl = choice.endpointUrl ?? found?.endpoint_url ?? null;
  const stackName = choice.stackName ?? found?.stack_name ?? defaultStackName;
  const region = choice.region ?? found?.region ?? defaultRegion;
  const names = functionNames(stackName);
  const client = tellingNotRunning(createInvokeClient({ endpointUrl, region, attempts: 3 }), endpointUrl);
  return {
    endpointUrl,
    stackName,
    region,
    orchestrator: actionCaller(client, names.orchestrator, orchestratorActions),
    recovery: actionCaller(client, names.recovery, recoveryActions),
    close: () => {
      client.close();
    },
  };
}

function runningPlatform(path: string): NonNullable<ReturnType<typeof readEndpointFile>> {
  const found = readEndpointFile(dataFolderAt(path));
  if (found === null || !isAlive(found.pid)) {
    throw new PlatformError('PLATFORM_NOT_RUNNING', `no platform runs on the data folder ${path}`);
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive, though it may not be sent a signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** On this machine a refused connection means one thing: the platform is not up. */
function tellingNotRunning(client: InvokeClient, endpointUrl: string | null): InvokeClient {
  if (endpointUrl === null || !isLoopback(endpointUrl)) return client;
  return {
    invoke: async (functionName, event, options) => {
      try {
        return await client.invoke(functionName, event, options);
      } catch (error) {
        if (!(error instanceof PlatformError) || !wasRefused(error.cause)) throw error;
        throw new PlatformError('PLATFORM_NOT_RUNNING', `nothing answers at ${endpointUrl}`, { cause: error });
      }
    },
    close: () => {
      client.close();
    },
  };
}

function wasRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}
