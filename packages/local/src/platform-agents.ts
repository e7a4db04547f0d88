import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@enterprise-backup/agent/json-log';
import { keepAgentRunning, type AgentProcess } from './agent-process.ts';
import type { DataFolder } from './data-folder.ts';
import { inheritedEnvironment } from './environment.ts';

/** What the agents of one platform have in common. */
export interface PlatformAgentsSettings {
  readonly count: number;
  /** Seconds that each has to drain at the stop. */
  readonly stopSeconds: number;
  readonly folder: DataFolder;
  readonly endpointUrl: string;
  readonly stackName: string;
  readonly region: string;
  readonly log: Log;
}

/** Starts the agents, each as a process that is kept running. */
export function startAgents(settings: PlatformAgentsSettings): AgentProcess[] {
  const { folder, log, stopSeconds } = settings;
  const inherited = inheritedEnvironment();
  return Array.from({ length: settings.count }, (_, index) => {
    const name = `agent-${index + 1}`;
    const agentId = `${hostname()}-${name}`;
    return keepAgentRunning({
      agentId,
      environment: {
        ...inherited,
        // A repository in S3 may need the person's own region; the loopback endpoint takes any.
        AWS_REGION: inherited['AWS_REGION'] ?? settings.region,
        BACKUP_AGENT_ID: agentId,
        BACKUP_ENDPOINT_URL: settings.endpointUrl,
        BACKUP_ORCHESTRATOR_FUNCTION: undefined,
        BACKUP_SECRETS_FOLDER: folder.secrets,
        BACKUP_SETTINGS_FILE: folder.settings,
        BACKUP_STACK_NAME: settings.stackName,
        BACKUP_WORK_KINDS: undefined,
      },
      logFile: join(folder.logs, `${name}.log`),
      log,
      stopSeconds,
      monotonic: () => performance.now(),
    });
  });
}
