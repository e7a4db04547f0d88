import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { PlatformError } from '@enterprise-backup/contracts/errors';
import { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import manifest from '../package.json' with { type: 'json' };
import { actionCaller } from './action-caller.ts';
import { startAgent, type Agent, type AgentParts } from './agent.ts';
import type { CountMetric } from './agent-metrics.ts';
import { answersHeard } from './answers-heard.ts';
import type { AgentEnvironment } from './environment.ts';
import { instanceMetadata, type InstanceMetadata } from './instance-metadata.ts';
import { instanceOutlook, readInstanceNotices } from './instance-notices.ts';
import { createInvokeClient } from './invoke-client.ts';
import { errorFields, type Log } from './json-log.ts';
import { limitsInForce } from './limits-in-force.ts';
import { runTask } from './run-task.ts';
import type { Secrets } from './secrets.ts';
import { secretsFolder } from './secrets-folder.ts';
import { fixedSettings, followSettingsFile, type SettingsSource } from './settings-file.ts';
import { defaultAgentSettings } from './settings.ts';
import { watchInstance, type InstanceWatch } from './watch-instance.ts';

/** An agent with what surrounds it. */
export interface AssembledAgent {
  readonly agent: Agent;
  /** The watch over its instance; null outside an Auto Scaling group. */
  readonly watch: InstanceWatch | null;
  /** Closes connections and ends timers, when the agent has drained. */
  close(): void;
}

const invocationSeconds = 30;
const aliveMilliseconds = 60_000;
const settingsEverySeconds = 10;
/** AWS recommends to look for a Spot interruption every five seconds. */
const noticesEverySeconds = 5;

/**
 * Starts an agent with the adapters that its environment asks for: of one machine, or of AWS. Those of AWS are loaded
 * only then. Metrics and log lines go to `write`. Throws SETTINGS_INVALID for a wrong settings file.
 */
export async function assembleAgent(
  environment: AgentEnvironment,
  log: Log,
  write: (line: string) => void,
): Promise<AssembledAgent> {
  const { autoScalingGroup, readyFile } = environment;
  const count = await metricsOf(environment, write);
  const settings = await settingsOf(environment, log, count);
  const client = createInvokeClient({ ...environment, timeoutSeconds: invocationSeconds });
  let isReady = false;
  let answersSinceSign = 0;
  const parts: AgentParts = {
    agentId: environment.agentId,
    hostName: hostname(),
    version: manifest.version,
    kinds: environment.kinds,
    orchestrator: answersHeard(
      actionCaller(client, environment.orchestratorFunction, orchestratorActions),
      (action) => {
        answersSinceSign += 1;
        if (action === 'release_task') count('TasksGivenBack');
        if (!isReady && readyFile !== null) writeFileSync(readyFile, '');
        isReady = true;
      },
    ),
    runTask,
    settings,
    limits: limitsInForce(settings),
    secrets: await secretsOf(environment),
    clock: systemClock,
    monotonic: () => performance.now(),
    random: Math.random,
    log,
  };
  const metadata = instanceMetadata({ endpoint: environment.metadataEndpoint, monotonic: parts.monotonic });
  const isWanted = autoScalingGroup === null || (await claimsOf(metadata, log));
  const agent = isWanted ? startAgent(parts) : idleAgent(log);
  const sign = setInterval(() => {
    if (answersSinceSign > 0) count('AgentAlive');
    answersSinceSign = 0;
  }, aliveMilliseconds);
  return {
    agent,
    watch: autoScalingGroup === null ? null : await watchOf(autoScalingGroup, metadata, agent, parts),
    close: () => {
      clearInterval(sign);
      client.close();
    },
  };
}

async function metricsOf({ serviceName }: AgentEnvironment, write: (line: string) => void): Promise<CountMetric> {
  if (serviceName === null) return () => undefined;
  const { agentMetrics } = await import('./agent-metrics.ts');
  return agentMetrics(serviceName, write);
}

async function settingsOf(environment: AgentEnvironment, log: Log, count: CountMetric): Promise<SettingsSource> {
  const { settingsFile, settingsParameter } = environment;
  if (settingsFile !== null) return followSettingsFile(settingsFile, log);
  if (settingsParameter === null) return fixedSettings(defaultAgentSettings);
  const [{ followSettingsParameter }, { parameterReader }] = await Promise.all([
    import('./settings-parameter.ts'),
    import('./parameter-store.ts'),
  ]);
  return followSettingsParameter({
    read: parameterReader(settingsParameter),
    everySeconds: settingsEverySeconds,
    log,
    onRejected: () => count('SettingsRejected'),
  });
}

async function secretsOf(environment: AgentEnvironment): Promise<Secrets> {
  if (environment.secretsFolder !== null) return secretsFolder(environment.secretsFolder);
  const { secretsManager } = await import('./secrets-manager.ts');
  return secretsManager();
}

/** Whether nothing is announced: a process that is started again on an instance that ends takes no task. */
async function claimsOf(metadata: InstanceMetadata, log: Log): Promise<boolean> {
  try {
    return instanceOutlook(await readInstanceNotices(metadata)).claims;
  } catch (error) {
    log.warn('the instance cannot be watched yet', errorFields(error));
    return true;
  }
}

/** Stands for an agent that has drained already. */
function idleAgent(log: Log): Agent {
  log.info('the agent takes nothing: the end of the instance is announced');
  return {
    retire: () => undefined,
    drain: () => undefined,
    abandon: () => Promise.resolve(),
    finished: Promise.resolve(),
  };
}

async function watchOf(
  group: string,
  metadata: InstanceMetadata,
  agent: Agent,
  { log, monotonic, settings }: AgentParts,
): Promise<InstanceWatch> {
  const { lifecycleAction } = await import('./lifecycle-action.ts');
  return watchInstance({
    metadata,
    agent,
    lifecycle: lifecycleAction(group, async () => {
      const id = await metadata.read('instance-id');
      if (id === null) throw new PlatformError('METADATA_UNAVAILABLE', 'the metadata service names no instance');
      return id;
    }),
    finishSeconds: () => settings.current().finish_seconds,
    monotonic,
    log,
    everySeconds: noticesEverySeconds,
  });
}
