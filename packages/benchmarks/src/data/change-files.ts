import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fillContent } from './fill-content.ts';
import type { LinePools } from './line-pools.ts';
import { listFiles } from './list-files.ts';
import { RandomNumbers } from './random-numbers.ts';

const changeSize = 512;
const addedSize = 8192;

/**
 * Changes the share `share` of the files below `folder`: of these two fifths get other bytes at their middle and some at
 * their end, one fifth is removed, one moves into another folder, and as many as one fifth are added. The same state,
 * seed and step give the same changes.
 */
export function changeFiles(folder: string, share: number, pools: LinePools, seed: string, step: number): void {
  const random = new RandomNumbers(seed, 'changes', step);
  const paths = listFiles(folder);
  const folders = [...new Set(paths.map(dirname))];
  const count = Math.max(5, Math.round(paths.length * share));
  const content = Buffer.alloc(addedSize);
  for (let number = 0; number < count; number += 1) {
    const at = random.below(paths.length);
    const path = paths[at];
    if (path === undefined) return;
    const kind = number % 5;
    fillContent(content, 'prose', pools, seed, 'change', step, number);
    if (kind < 2) {
      overwrite(join(folder, path), content.subarray(0, changeSize));
      continue;
    }
    if (kind === 4) {
      writeFileSync(join(folder, random.choose(folders), `added-${step}-${number}.md`), content);
      continue;
    }
    paths.splice(at, 1);
    if (kind === 2) rmSync(join(folder, path));
    else move(folder, path, join(random.choose(folders), `moved-${step}-${number}-${basename(path)}`));
  }
}

function overwrite(path: string, content: Buffer): void {
  const { size } = statSync(path);
  const descriptor = openSync(path, 'r+');
  try {
    writeSync(descriptor, content, 0, Math.min(size, content.byteLength), Math.floor(size / 2));
    writeSync(descriptor, content, 0, content.byteLength >> 3, size);
  } finally {
    closeSync(descriptor);
  }
}

function move(folder: string, from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  renameSync(join(folder, from), join(folder, to));
}
