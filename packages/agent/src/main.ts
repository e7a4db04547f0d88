import { systemClock } from '@enterprise-backup/contracts/clock';
import { toErrorReport, toPlatformError } from '@enterprise-backup/contracts/errors';
import type { Agent } from './agent.ts';
import { assembleAgent } from './assemble-agent.ts';
import { readAgentEnvironment } from './environment.ts';
import { errorFields, jsonLog, type Log } from './json-log.ts';

const abandonMilliseconds = 5000;

const write = (line: string): void => {
  process.stdout.write(line);
};
const processLog = jsonLog({
  clock: systemClock,
  write,
  fields: { service: 'backup-agent', pid: process.pid },
});

// restic's `unlock` and its check of a lock send SIGHUP to a lock's process to see whether it lives; by default that would
// end it: https://github.com/restic/restic/blob/master/internal/restic/lock_unix.go
process.on('SIGHUP', () => undefined);

try {
  const environment = readAgentEnvironment();
  const log = processLog.with({ agent_id: environment.agentId });
  const { agent, watch, ...rest } = await assembleAgent(environment, log, write);
  handleSignals(agent, () => watch?.close());
  handleUncaughtErrors(agent, log);
  await agent.finished;
  await watch?.released();
  rest.close();
  process.exit(0);
} catch (error) {
  processLog.error('the agent cannot start', {
    ...errorFields(error),
    hint: toErrorReport(toPlatformError(error)).hint,
  });
  process.exit(1);
}

function handleSignals(agent: Agent, stopWatching: () => void): void {
  const end = (reason: string): void => {
    stopWatching();
    agent.drain(reason);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      end(signal);
    });
  }
  // Started by the platform of one machine, the agent ends with it, however that one ended.
  if (process.connected) {
    process.on('disconnect', () => {
      end('the platform that started the agent has ended');
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
