import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectoryForTest } from '@enterprise-backup/test-support/temporary-directory';
import { describe, expect, it } from 'vitest';
import { killPoints, runAndKill } from './kill-at-write.ts';

/** Publishes one file in the main thread, two in a worker thread, removes one; a file elsewhere does not count. */
const script = `
  import { Worker, isMainThread, workerData } from 'node:worker_threads';
  import { once } from 'node:events';
  import { rename, unlink, writeFile } from 'node:fs/promises';
  import { renameSync, writeFileSync } from 'node:fs';
  const folder = isMainThread ? process.argv[2] : workerData;
  const put = async (name) => {
    await writeFile(folder + '/' + name + '-tmp', 'content of ' + name);
    await rename(folder + '/' + name + '-tmp', folder + '/' + name);
  };
  if (isMainThread) {
    writeFileSync(folder + '/../elsewhere-tmp', 'x');
    renameSync(folder + '/../elsewhere-tmp', folder + '/../elsewhere');
    await put('1');
    await once(new Worker(new URL(import.meta.url), { workerData: folder }), 'exit');
    await unlink(folder + '/1');
    console.log('done');
  } else {
    await put('2');
    await put('3');
  }
`;

describe('killing at a write', () => {
  const run = async (point: Parameters<typeof runAndKill>[3]) => {
    const folder = temporaryDirectoryForTest('kill-at-write-test');
    const entry = join(folder, 'entry.mjs');
    writeFileSync(entry, script);
    const below = temporaryDirectoryForTest('kill-at-write-below');
    return { ...(await runAndKill(new URL(`file://${entry}`), [below], below, point)), below };
  };

  it('counts the writes of all threads and lets them be', async () => {
    const ran = await run(null);
    expect(ran).toMatchObject({ killed: false, status: 0, stdout: 'done\n', stderr: '' });
    expect(ran.writes).toEqual(['publish', 'publish', 'publish', 'remove']);
    expect(readdirSync(ran.below).sort()).toEqual(['2', '3']);
    expect(killPoints(ran.writes)).toEqual([
      { at: 1, torn: true },
      { at: 1, torn: false },
      { at: 2, torn: true },
      { at: 2, torn: false },
      { at: 3, torn: true },
      { at: 3, torn: false },
      { at: 4, torn: false },
    ]);
  });

  it.each([
    [1, false, ['1']],
    [2, false, ['1', '2']],
    [2, true, ['1', '2-tmp']],
    [3, false, ['1', '2', '3']],
    [4, false, ['2', '3']],
  ])('ends the process at write %i (torn: %s)', async (at, torn, left) => {
    const ran = await run({ at, torn });
    expect(ran).toMatchObject({ killed: true, status: null, stdout: '' });
    expect(readdirSync(ran.below).sort()).toEqual(left);
    if (torn) expect(readFileSync(join(ran.below, '2-tmp'), 'utf8')).toBe('conten');
  });

  it('leaves a run alone that does not come so far', async () => {
    expect(await run({ at: 5, torn: false })).toMatchObject({ killed: false, status: 0 });
  });
});
