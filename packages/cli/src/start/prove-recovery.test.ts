import { systemClock } from '@enterprise-backup/contracts/clock';
import { jobView, pointView } from '@enterprise-backup/contracts/orchestrator';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Output } from '../output/output.ts';
import type { MadeBackup } from './back-up-source.ts';
import { proveRecovery } from './prove-recovery.ts';
import type { StartPlaces } from './start-places.ts';
import { Story } from './story.ts';

let lines: string[];
let folder: string;
let source: string;
let recovered: string;

const output: Output = {
  json: false,
  width: () => null,
  line: (text = '') => {
    lines.push(text);
  },
  table: () => undefined,
  object: () => undefined,
  paint: (_tone, text) => text,
  progress: () => ({ update: () => undefined, stop: () => undefined }),
  stack: () => ({ event: () => undefined, stop: () => undefined }),
};

const places = (sourceIsOwn: boolean): StartPlaces => ({
  ...{ data: folder, source, sourceIsOwn, recovered: folder, recoveredIsOwn: false },
});

/** A backup of the source that began at `startedAt`. */
function backupOf(startedAt: string): MadeBackup {
  const common = { backup_id: 'backup-3', job_name: 'job', source_system: 'documents', backup_type: 'full' };
  const counts = { files_new: 2, files_changed: 0, files_unmodified: 0, folders: 1, skipped_count: 0 };
  const bytes = { bytes_processed: 14, bytes_read: 14, bytes_added: 14, bytes_stored: 20 };
  const evidence = {
    ...{ kind: 'backup', snapshot_id: 'a'.repeat(64), source_path: source, skipped: [], duration_seconds: 1 },
    ...counts,
    ...bytes,
  };
  return {
    job: jobView.parse({
      ...common,
      ...{ status: 'completed', schedule_id: null, created_at: startedAt, started_at: startedAt },
      ...{ completed_at: startedAt, attempts: 1, progress: null, error: null },
    }),
    point: pointView.parse({
      ...common,
      ...{ snapshot_id: 'a'.repeat(64), created_at: startedAt, retention_days: 30, expires_at: startedAt },
      ...{ hold_reason: null, evidence, last_proven_at: null },
    }),
  };
}

const prove = (sourceIsOwn: boolean, startedAt: string): Promise<void> => {
  const story = new Story({ output, clock: systemClock, signal: new AbortController().signal });
  return proveRecovery(story, places(sourceIsOwn), backupOf(startedAt), recovered);
};

const longAgo = '2020-01-01T00:00:00Z';
const inTheFuture = '2100-01-01T00:00:00Z';

beforeEach(() => {
  lines = [];
  folder = temporaryDirectoryForTest('prove');
  source = join(folder, 'source');
  recovered = join(folder, 'recovered');
  mkdirSync(source);
  for (const name of ['one', 'two']) writeFileSync(join(source, name), 'content');
  execFileSync('cp', ['-a', source, recovered]);
});

it('an exact recovery is proven', async () => {
  await prove(false, longAgo);
  expect(lines).toEqual([expect.stringMatching(/^ok comparison +3 entries, 14 B: identical, /)]);
});

describe('a difference', () => {
  it('in the working copy fails with PROOF_FAILED, and says what and where', async () => {
    rmSync(join(recovered, 'two'));
    await expect(prove(false, longAgo)).rejects.toMatchObject({
      code: 'PROOF_FAILED',
      message: expect.stringContaining(`${recovered} has `) as string,
    });
    expect(lines).toContain('   two: missing, file in the source, nothing in the recovered folder');
  });

  it('in a source of the person fails as well when nothing was changed since the backup', async () => {
    appendFileSync(join(recovered, 'one'), '!');
    await expect(prove(true, inTheFuture)).rejects.toMatchObject({ code: 'PROOF_FAILED' });
  });

  it('of a source that was changed since the backup is told, and does not fail', async () => {
    appendFileSync(join(source, 'one'), '!');
    await prove(true, longAgo);
    expect(lines[0]).toContain('as in the point');
    expect(lines[1]).toMatch(/^ {3}\d+ differences: the source was changed after the backup began$/);
  });
});
