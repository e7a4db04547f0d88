import { join } from 'node:path';
import { jsonLog, type Log } from '@enterprise-backup/agent/json-log';
import type { Clock } from '@enterprise-backup/contracts/clock';
import { fromErrorReport, PlatformError } from '@enterprise-backup/contracts/errors';
import { defaultStackName, functionNames, type FunctionNames } from '@enterprise-backup/contracts/names';
import { connectCatalog } from '@enterprise-backup/schema/connect';
import type { AgentProcess } from './agent-process.ts';
import { layOutDataFolder, openDataFolder, repositorySecret, type DataFolder } from './data-folder.ts';
import { lockDataFolder } from './data-lock.ts';
import { removeEndpointFile, writeEndpointFile } from './endpoint-file.ts';
import { startLambdaEndpoint, type LambdaEndpoint } from './endpoint/lambda-endpoint.ts';
import type { LocalFunction } from './endpoint/local-function.ts';
import { LogFile } from './log-file.ts';
import { startAgents } from './platform-agents.ts';
import { offerFunctions } from './platform-functions.ts';
import { startTickTimer } from './tick-timer.ts';

/** How a platform is started on one machine. */
export interface PlatformSettings {
  /** Folder that holds everything the platform keeps; made when it is missing. */
  readonly dataFolder: string;
  /** TCP port on 127.0.0.1, 0 for a free one. Left out: 9401, or a free one while that is taken. */
  readonly port?: number;
  readonly stackName?: string;
  /** Stands in ARNs and signatures only. */
  readonly region?: string;
  readonly clock: Clock;
  /** Number of agent processes; default 1. */
  readonly agents?: number;
  /** Seconds between two ticks; default 60. */
  readonly tickSeconds?: number;
  /** Seconds that agents have to drain when the platform stops; default 20. */
  readonly stopSeconds?: number;
}

/** A running platform. */
export interface Platform {
  readonly endpointUrl: string;
  readonly port: number;
  readonly stackName: string;
  readonly region: string;
  readonly functions: FunctionNames;
  readonly folder: DataFolder;
  /** The repository that the platform brings: what `register_source` wants to know. */
  readonly repository: { readonly location: string; readonly password_secret: string };
  readonly agents: readonly AgentProcess[];
  /** Drains the agents, closes the endpoint and leaves nothing but data. Safe to repeat. */
  stop(): Promise<void>;
}

const defaultPort = 9401;
const defaultRegion = 'us-east-1';

/**
 * Brings the platform up on this machine: lays out the data folder, brings the catalog to this version, offers both
 * functions at a loopback endpoint of the Lambda Invoke API, ticks, and starts the agents as processes of their own.
 *
 * @throws PlatformError DATA_IN_USE, PORT_IN_USE, SECRET_MISSING, MIGRATION_FAILED, CATALOG_UNAVAILABLE
 */
export async function startPlatform(settings: PlatformSettings): Promise<Platform> {
  const { clock, stackName = defaultStackName, region = defaultRegion } = settings;
  const functions = functionNames(stackName);
  const folder = openDataFolder(settings.dataFolder);
  // Undone last to first: at the stop, and when the start fails half way.
  const undo: (() => void | Promise<void>)[] = [];
  const unwind = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const lock = lockDataFolder(folder);
    undo.push(() => {
      lock.release();
    });
    layOutDataFolder(folder);
    const log = platformLog(folder, clock);
    const catalog = await connectCatalog({ engine: 'sqlite', file: folder.catalog });
    undo.push(() => catalog.close());
    const offered = offerFunctions(functions, folder, catalog, clock);
    await migrateCatalog(offered.orchestrator);
    const endpoint = await openEndpoint(settings.port, Object.values(offered), region, log);
    undo.push(() => endpoint.stop());
    writeEndpointFile(folder, {
      endpoint_url: endpoint.url,
      port: endpoint.port,
      pid: process.pid,
      stack_name: stackName,
      region,
    });
    undo.push(() => {
      removeEndpointFile(folder);
    });
    const agents = startAgents({
      count: settings.agents ?? 1,
      stopSeconds: settings.stopSeconds ?? 20,
      folder,
      endpointUrl: endpoint.url,
      stackName,
      region,
      log,
    });
    undo.push(async () => {
      await Promise.all(agents.map((agent) => agent.stop()));
    });
    const timer = startTickTimer(settings.tickSeconds ?? 60, () => {
      endpoint.addEvent(functions.orchestrator, { action: 'tick' });
    });
    undo.push(() => {
      timer.stop();
    });
    log.info('the platform is up', { endpoint_url: endpoint.url, agents: agents.length });
    let stopped: Promise<void> | undefined;
    return {
      endpointUrl: endpoint.url,
      port: endpoint.port,
      stackName,
      region,
      functions,
      folder,
      repository: { location: folder.repository, password_secret: repositorySecret },
      agents,
      stop: () =>
        (stopped ??= unwind().finally(() => {
          log.info('the platform has stopped');
        })),
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

function platformLog(folder: DataFolder, clock: Clock): Log {
  const file = new LogFile(join(folder.logs, 'platform.log'));
  const write = (line: string): void => {
    file.write(line);
  };
  return jsonLog({ clock, write, fields: { service: 'local-platform', pid: process.pid } });
}

async function migrateCatalog(orchestrator: LocalFunction): Promise<void> {
  const { failed, payload } = await orchestrator.invoke({ action: 'migrate' });
  if (!failed) return;
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType: string; errorMessage: string };
  throw fromErrorReport({ code: errorType, message: errorMessage });
}

async function openEndpoint(
  port: number | undefined,
  functions: readonly LocalFunction[],
  region: string,
  log: Log,
): Promise<LambdaEndpoint> {
  try {
    return await startLambdaEndpoint({ functions, port: port ?? defaultPort, region, log });
  } catch (error) {
    if (port !== undefined || !(error instanceof PlatformError) || error.code !== 'PORT_IN_USE') throw error;
    return startLambdaEndpoint({ functions, port: 0, region, log });
  }
}
