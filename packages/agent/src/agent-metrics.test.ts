import { expect, it } from 'vitest';
import { agentMetrics } from './agent-metrics.ts';

it('writes one line of the embedded metric format for each count', () => {
  const lines: string[] = [];
  const count = agentMetrics('my-stack-backup-agent', (line) => lines.push(line));
  count('AgentAlive');
  count('TasksGivenBack');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {
      AgentAlive: 1,
      service: 'my-stack-backup-agent',
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'EnterpriseBackup',
            Dimensions: [['service']],
            Metrics: [{ Name: 'AgentAlive', Unit: 'Count' }],
          },
        ],
      },
    },
    { TasksGivenBack: 1 },
  ]);
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
});
