import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { temporaryDirectory } from '@enterprise-backup/test-support/temporary-directory';
import { runCounted, type BegunWrite, type KillPoint } from './kill-at-write.ts';

/** A write below a folder, with the bytes of the file that it published. */
export interface RecordedWrite extends BegunWrite {
  readonly content: Buffer;
}

/**
 * Runs a module in a process of its own to its end and records each write below a folder: from a copy of what was there
 * before, `makeState` then makes what any crash would have left. So one run shows all crash points. Throws when the
 * process fails.
 */
export async function recordWrites(entry: URL, args: readonly string[], below: string): Promise<RecordedWrite[]> {
  const contents = temporaryDirectory('recorded-writes');
  try {
    const { writes, status, stderr } = await runCounted(entry, args, below, null, contents.path);
    if (status !== 0) throw new Error(`the process to record failed: ${stderr}`);
    return writes.map((write, at) => {
      const content = write.kind === 'publish' ? readFileSync(join(contents.path, String(at + 1))) : Buffer.alloc(0);
      return { ...write, content };
    });
  } finally {
    contents.remove();
  }
}

/**
 * Makes, in a new folder, the state that a crash leaves at a point of recorded writes: the base with all writes up to that
 * one, or with half a temporary file in place of the last. The writes were recorded in the folder `recorded`, which was
 * such a base too.
 */
export function makeState(
  base: string,
  recorded: string,
  writes: readonly RecordedWrite[],
  { at, torn }: KillPoint,
  folder: string,
): void {
  cpSync(base, folder, { recursive: true });
  for (const [number, { kind, path, content }] of writes.slice(0, at).entries()) {
    const target = join(folder, relative(recorded, path));
    if (kind === 'remove') {
      rmSync(target, { force: true });
      continue;
    }
    const isTorn = torn && number === at - 1;
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { force: true });
    const written = isTorn ? `${target}-tmp-0badcafe` : target;
    writeFileSync(written, isTorn ? content.subarray(0, Math.floor(content.length / 2)) : content);
    if (!isTorn) chmodSync(written, 0o400);
  }
}
