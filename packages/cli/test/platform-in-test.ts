import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBackupctl, type Running } from './run-backupctl.ts';

/** A small tree to protect. */
export function makeSource(path: string): void {
  mkdirSync(join(path, 'docs/deep'), { recursive: true });
  for (let number = 0; number < 20; number += 1) {
    writeFileSync(join(path, 'docs', `file-${number}.txt`), `line of file ${number}\n`.repeat(500));
  }
  writeFileSync(join(path, 'docs/deep/data.json'), JSON.stringify({ kind: 'data' }));
  writeFileSync(join(path, 'empty'), '');
}

/** Lays out a data folder whose agents ask for work often, so that the tests need not wait for them. */
export function makeData(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'settings.json'), JSON.stringify({ poll_seconds: 0.2, progress_seconds: 0.5 }));
}

/** Starts a platform on a free port and waits until it stays up. */
export async function startPlatformOn(data: string, source: string): Promise<Running & { readonly text: string }> {
  const running = startBackupctl(['start', '--data', data, '--source', source, '--port', '0']);
  const text = await running.waitFor('until Ctrl-C.');
  return { ...running, text };
}

/** The commands that a start printed under "Try next". */
export function nextCommands(text: string): string[] {
  const [, after = ''] = text.split('Try next\n');
  return after
    .split('\n')
    .filter((line) => line.startsWith('  ') && !line.startsWith('  #'))
    .map((line) => line.trim());
}

/** Process ids of the agents that have ever run on a data folder, from their logs. */
export function agentPids(data: string): number[] {
  const lines = readFileSync(join(data, 'logs/agent-1.log'), 'utf8').split('\n');
  const pids = lines.map((line) => /"pid":(\d+)/.exec(line)?.[1]).filter((pid) => pid !== undefined);
  return [...new Set(pids.map(Number))];
}

/** Whether a process with this id runs. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
