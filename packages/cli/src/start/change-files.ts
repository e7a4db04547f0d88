import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listTree } from './list-tree.ts';

/** What was changed, as paths relative to the folder. */
export interface Changes {
  readonly modified: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

const counts = { modified: 6, removed: 2, renamed: 2 };
const folderOfAdded = 'added-by-npm-start';

/**
 * Changes a few files of a folder as daily work does: some get a line more, some are removed, some renamed, and new ones are
 * added, one of them large. `round` numbers the changes of one folder: each round chooses other files, and the same round
 * of the same folder the same ones. Only the copy that the demonstration made may be given here.
 */
export async function changeFiles(folder: string, round: string): Promise<Changes> {
  const files = (await listTree(folder))
    .filter(({ path, stats }) => stats.isFile() && !path.startsWith(`${folderOfAdded}/`))
    .map(({ path }) => path);
  const needed = counts.modified + counts.removed + counts.renamed;
  const chosen = chooseSpread(files, needed, round);
  const modified = chosen.slice(0, counts.modified);
  const removed = chosen.slice(counts.modified, counts.modified + counts.removed);
  const moved = chosen.slice(counts.modified + counts.removed);

  for (const path of modified) await appendFile(join(folder, path), `\nchanged in round ${round}\n`);
  for (const path of removed) await rm(join(folder, path));
  const renamed = moved.map((from) => ({ from, to: join(dirname(from), `renamed-${round}-${basenameStart(from)}`) }));
  for (const { from, to } of renamed) await rename(join(folder, from), join(folder, to));

  const added = newFiles(round);
  await mkdir(join(folder, folderOfAdded), { recursive: true });
  for (const { path, content } of added) await writeFile(join(folder, path), content);
  return { modified, added: added.map(({ path }) => path), removed, renamed };
}

/** A file name of 255 bytes leaves no room for the prefix. */
function basenameStart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).slice(0, 100);
}

function newFiles(round: string): { path: string; content: string }[] {
  const line = `a line of the report of round ${round}\n`;
  return [
    { path: join(folderOfAdded, `note-${round}.txt`), content: `Added in round ${round}.\n` },
    { path: join(folderOfAdded, `empty-${round}`), content: '' },
    {
      path: join(folderOfAdded, `report-${round}.txt`),
      content: line.repeat(Math.ceil((3 * 1024 * 1024) / line.length)),
    },
  ];
}

/** Chooses entries at even distances, starting at a place that depends on `round`. */
function chooseSpread(files: readonly string[], wanted: number, round: string): string[] {
  const count = Math.min(wanted, files.length);
  if (count === 0) return [];
  const step = files.length / count;
  const offset = hashOf(round) % Math.max(1, Math.floor(step));
  const chosen: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const path = files[Math.floor(index * step) + offset];
    if (path !== undefined) chosen.push(path);
  }
  return chosen;
}

/** FNV-1a of the text, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
