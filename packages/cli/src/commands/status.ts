import { PlatformError } from '@enterprise-backup/contracts/errors';
import type { ProtectionView } from '@enterprise-backup/contracts/orchestrator';
import type { ResponseOf } from '@enterprise-backup/contracts/actions';
import type { orchestratorActions } from '@enterprise-backup/contracts/orchestrator';
import type { Command } from 'commander';
import type { CommandContext, Execute } from '../command-context.ts';
import { formatCount, formatCounted } from '../format/count.ts';
import { safeText } from '../format/safe-text.ts';
import { formatAge } from '../format/time.ts';
import type { Output } from '../output/output.ts';
import { withPlatform } from '../platform/with-platform.ts';
import { withConnectionOptions, type ConnectionOptions } from './connection-options.ts';
import { withExamples } from './examples.ts';

type Status = ResponseOf<typeof orchestratorActions, 'status'>;

interface StatusOptions extends ConnectionOptions {
  readonly check?: boolean;
}

/** Adds `backupctl status`. */
export function addStatus(program: Command, execute: Execute): void {
  const command = program
    .command('status')
    .description('say whether every source system is protected, and what runs')
    .option('--check', 'end with FINDINGS (status 4) when a source system is not protected')
    .action((options: StatusOptions) => execute((context) => showStatus(context, options)));
  withExamples(withConnectionOptions(command), ['backupctl status', 'backupctl status --check --json']);
}

async function showStatus(context: CommandContext, options: StatusOptions): Promise<void> {
  const status = await withPlatform(context, options, (platform) => platform.orchestrator('status', {}));
  context.output.object(status);
  writeStatus(context.output, status);
  const unprotected = status.sources.filter(({ verdict }) => verdict !== 'protected');
  if (options.check === true && unprotected.length > 0) {
    const names = unprotected.map(({ source_system, verdict }) => `${source_system} (${verdict})`);
    throw new PlatformError('FINDINGS', `not protected: ${names.join(', ')}`);
  }
}

function writeStatus(output: Output, status: Status): void {
  const now = new Date(status.now);
  output.line(verdictLine(output, status.sources));
  if (status.sources.length > 0) {
    output.line();
    output.table({
      columns: [
        { title: 'source' },
        { title: 'verdict' },
        { title: 'newest point' },
        { title: 'taken' },
        { title: 'points', align: 'right' },
        { title: 'next due' },
        { title: 'last proven' },
      ],
      rows: status.sources.map((source) => [
        source.source_system,
        { text: source.verdict, tone: source.verdict === 'protected' ? 'good' : 'bad' },
        source.newest_point ?? '-',
        formatAge(source.newest_point_at, now),
        formatCount(source.points),
        formatAge(source.next_due_at, now),
        source.last_proven_at === null ? 'never' : formatAge(source.last_proven_at, now),
      ]),
    });
    output.line();
    for (const source of status.sources) output.line(`${source.source_system}: ${safeText(source.reason)}`);
  }
  output.line();
  const { jobs, tasks, agents } = status;
  output.line(
    `jobs: ${jobs.pending} pending, ${jobs.running} running; ` +
      `in the last day ${jobs.completed_last_day} completed, ${jobs.failed_last_day} failed`,
  );
  output.line(`tasks: ${tasks.waiting} waiting, ${tasks.running} running`);
  const agentWords = agents.map(
    (agent) => `${safeText(agent.agent_id)} ${agent.state}, seen ${formatAge(agent.last_seen_at, now)}`,
  );
  output.line(`agents: ${agentWords.length === 0 ? 'none has ever asked for work' : agentWords.join('; ')}`);
}

function verdictLine(output: Output, sources: readonly ProtectionView[]): string {
  if (sources.length === 0) return output.paint('bad', 'Nothing is protected: no source system is registered.');
  const bad = sources.filter(({ verdict }) => verdict !== 'protected');
  return bad.length === 0
    ? output.paint(
        'good',
        `Protected: ${sources.length === 1 ? 'the one' : `all ${sources.length}`} registered source ${sources.length === 1 ? 'system is' : 'systems are'}.`,
      )
    : output.paint(
        'bad',
        `NOT protected: ${bad.length} of ${formatCounted(sources.length, 'registered source system')}.`,
      );
}
