import { hostname } from 'node:os';
import { systemClock } from '@enterprise-backup/contracts/clock';
import { toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import manifest from '../package.json' with { type: 'json' };
import { actionCaller } from './action-caller.ts';
import { startAgent, type Agent } from './agent.ts';
import { readAgentEnvironment } from './environment.ts';
import { createInvokeClient } from './invoke-client.ts';
import { errorFields, jsonLog, type Log } from './json-log.ts';
import { runTask } from './run-task.ts';
import { secretsFolder } from './secrets-folder.ts';
import { fixedSettings, followSettingsFile } from './settings-file.ts';
import { defaultAgentSettings } from './settings.ts';

const abandonMilliseconds = 5000;
const invocationSeconds = 30;

const processLog = jsonLog({
  clock: systemClock,
  write: (line) => {
    process.stdout.write(line);
  },
  fields: { service: 'backup-agent', pid: process.pid },
});

// restic's `unlock` and its check of a lock send SIGHUP to a lock's process to see whether it lives; by default that would
// end it: https://github.com/restic/restic/blob/master/internal/restic/lock_unix.go
process.on('SIGHUP', () => undefined);

try {
  const environment = readAgentEnvironment();
  const log = processLog.with({ agent_id: environment.agentId });
  const client = createInvokeClient({ ...environment, timeoutSeconds: invocationSeconds });
  const agent = startAgent({
    agentId: environment.agentId,
    hostName: hostname(),
    version: manifest.version,
    kinds: environment.kinds,
    orchestrator: actionCaller(client, environment.orchestratorFunction, orchestratorActions),
    runTask,
    settings:
      environment.settingsFile === null
        ? fixedSettings(defaultAgentSettings)
        : followSettingsFile(environment.settingsFile, log),
    secrets: secretsFolder(environment.secretsFolder),
    clock: systemClock,
    monotonic: () => performance.now(),
    random: Math.random,
    log,
  });
  handleSignals(agent);
  handleUncaughtErrors(agent, log);
  await agent.finished;
  client.close();
  process.exit(0);
} catch (error) {
  processLog.error('the agent cannot start', {
    ...errorFields(error),
    hint: toErrorReport(toPlatformError(error)).hint,
  });
  process.exit(1);
}

function handleSignals(agent: Agent): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      agent.drain(signal);
    });
  }
  // Started by the platform of one machine, the agent ends with it, however that one ended.
  if (process.connected) {
    process.on('disconnect', () => {
      agent.drain('the platform that started the agent has ended');
    });
  }
}

function handleUncaughtErrors(agent: Agent, log: Log): void {
  process.on('uncaughtException', (error) => {
    log.error('an error that nothing caught ends the agent', errorFields(error));
    setTimeout(() => process.exit(1), abandonMilliseconds).unref();
    void agent.abandon(error).finally(() => process.exit(1));
  });
}
